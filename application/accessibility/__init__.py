"""How well everybody can use our pages, said as the law asks (2018:1937, 13 §)."""
