"""On a server facts are appended in one trip: in their order, with their leaves, at the moment of their turn."""

from alembic import op

revision = "0018"
down_revision = "0017"

# The tree's rule is RFC 9162's, as in `domain.merkle`: a leaf's hash begins with 0, a node's with 1, and `hashes` holds
# those of the largest whole subtrees, left to right, of a tree of `size`. A tree that does not reach up to the facts is
# left as it is. Places count from 0, as the program does. Each statement in the function sees what those before this
# turn have left.
ON_POSTGRESQL = r"""
CREATE FUNCTION append_facts(
    incidents text[], entries integer[], names text[], stored bytea[], command_ids text[],
    recorded_places integer[], occurred_places integer[], OUT first integer, OUT turn timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    moment bytea;
    fact_bytes bytea;
    place integer;
    kept integer;
    size integer;
    hashes bytea;
    node bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(7281001);
    turn := clock_timestamp();
    moment := convert_to(to_char(turn AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8');
    SELECT t.size, t.frontier INTO kept, hashes FROM tree t LIMIT 1;
    kept := coalesce(kept, 0);
    hashes := coalesce(hashes, '');
    FOR n IN 1 .. cardinality(stored) LOOP
        fact_bytes := stored[n];
        IF recorded_places[n] IS NOT NULL THEN
            fact_bytes := overlay(fact_bytes PLACING moment FROM recorded_places[n] + 1);
        END IF;
        IF substring(fact_bytes FROM occurred_places[n] + 1 FOR length(moment)) > moment THEN
            fact_bytes := overlay(fact_bytes PLACING moment FROM occurred_places[n] + 1);
        END IF;
        INSERT INTO facts (incident, entry, fact, bytes, command_id)
            VALUES (incidents[n], entries[n], names[n], fact_bytes, command_ids[n]) RETURNING position INTO place;
        IF n = 1 THEN
            first := place;
            IF kept = first - 1 AND length(hashes) = 32 * length(replace(kept::bit(32)::text, '0', '')) THEN
                size := kept;
            END IF;
        END IF;
        CONTINUE WHEN size IS NULL;
        node := sha256('\x00' || fact_bytes);
        INSERT INTO leaves (position, hash) VALUES (place, node);
        WHILE size & 1 = 1 LOOP
            node := sha256('\x01' || substr(hashes, length(hashes) - 31) || node);
            hashes := substr(hashes, 1, length(hashes) - 32);
            size := size >> 1;
        END LOOP;
        hashes := hashes || node;
        size := place;
    END LOOP;
    IF kept = 0 AND size > 0 THEN
        INSERT INTO tree VALUES (size, hashes);
    ELSIF size > 0 THEN
        UPDATE tree t SET size = place, frontier = hashes WHERE t.size = kept;
    END IF;
END $$;
DO $$ BEGIN
    EXECUTE 'ALTER FUNCTION append_facts SET search_path = ' || quote_ident(current_schema()) || ', pg_temp';
END $$;
REVOKE ALL ON FUNCTION append_facts FROM PUBLIC;
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(ON_POSTGRESQL)
