import { type IncomingMessage, type Server as HttpServer, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";

/** Which upgrade requests become WebSockets. */
export interface UpgradeRule {
  /** Path of the URL, without its query. */
  readonly path: string;
  /** Web pages that may connect; what is no browser sends no origin and is not asked for one. */
  readonly origins: "any" | readonly string[];
  /** Largest WebSocket message. */
  readonly maxMessageBytes: number;
}

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Marks the listeners that are known to leave requests for other paths alone. */
const PATH = Symbol("path");

/**
 * Makes WebSockets of the upgrade requests that the rule lets through, and answers the others.
 *
 * A request for another path is left to the other listeners of the server, and refused when none of them is left.
 *
 * @returns what stops it; WebSockets that are open stay
 */
export function acceptUpgrades(
  server: HttpServer,
  rule: UpgradeRule,
  accept: (socket: WebSocket, request: IncomingMessage) => void,
): () => void {
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Frames are packed already or small, and a compressor per connection costs memory that a peer can drive.
    perMessageDeflate: false,
    maxPayload: rule.maxMessageBytes,
  });
  const onUpgrade: UpgradeListener = (request, socket, head) => {
    if (pathOf(request) !== rule.path) {
      if (nobodyElseTakes(server, onUpgrade, pathOf(request))) refuse(socket, 404);
    } else if (!originAllowed(request, rule.origins)) {
      refuse(socket, 403);
    } else {
      upgrades.handleUpgrade(request, socket, head, accept);
    }
  };
  Object.defineProperty(onUpgrade, PATH, { value: rule.path });
  server.on("upgrade", onUpgrade);
  return () => {
    server.off("upgrade", onUpgrade);
    upgrades.close();
  };
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

/** Several listeners of ours on one server must not each leave the refusal to the others: the first one makes it. */
function nobodyElseTakes(server: HttpServer, own: UpgradeListener, path: string): boolean {
  const listeners = server.listeners("upgrade") as (UpgradeListener & { [PATH]?: string })[];
  return (
    listeners[0] === own && listeners.every(({ [PATH]: of }) => of !== undefined && of !== path)
  );
}

/** Version 8 of the protocol names the header differently. */
function originAllowed({ headers }: IncomingMessage, origins: UpgradeRule["origins"]): boolean {
  const claimed = [headers.origin, headers["sec-websocket-origin"]].flat();
  return claimed.every(
    (origin) => origin === undefined || origins === "any" || origins.includes(origin),
  );
}

function refuse(socket: Duplex, status: number): void {
  const text = STATUS_CODES[status] ?? "";
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${text.length}\r\n\r\n${text}`,
  );
}
