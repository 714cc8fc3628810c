import { stdio } from "../../src/transport/stdio.ts";

/** Sends back every frame, and says on standard error why the connection ended. */
const connection = await stdio().connect("stdio:");
connection.receive((frame) => connection.send(frame));
const reason = await connection.closed;
process.stderr.write(reason.kind);
