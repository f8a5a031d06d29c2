// nodemailer with its own pool: `node bench/peers.mjs PORT COUNT` prints the seconds it took.
import { createRequire } from "node:module";
const nodemailer = createRequire(process.cwd() + "/")("nodemailer");

const [port, count] = process.argv.slice(2).map(Number);
const text = "Sesam S2, websesam och Visma websesam går inte att nå.\n".repeat(22);
const html = "<p>Sesam S2, websesam och Visma websesam går inte att nå.</p>\n".repeat(20);
const pool = nodemailer.createTransport({
  host: "127.0.0.1", port, secure: false, ignoreTLS: true, pool: true, maxConnections: 8, maxMessages: Infinity,
});

const began = process.hrtime.bigint();
await Promise.all(Array.from({ length: count }, (_, number) => pool.sendMail({
  from: "reservrutin@example.se",
  to: `p${String(number).padStart(9, "0")}@example.se`,
  subject: "[Driftstörning 2026-0001] Avbrott",
  text: text + number,
  html: html + number,
})));
console.log(Number(process.hrtime.bigint() - began) / 1e9);
pool.close();
