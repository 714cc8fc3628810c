import type { Socket } from "node:net";

import type { NativeCore } from "@amphis/native";

import { nativeCore } from "../native-core.ts";
import type { PeerIdentity } from "./transport.ts";

/** Says which process is at the other end of a connected Unix socket; undefined where nobody can tell. */
export type IdentifyProcess = (socket: Socket) => PeerIdentity["process"];

/** Where Node keeps the descriptor of a socket; it has no other way to tell. */
interface SocketWithHandle {
  readonly _handle?: { readonly fd?: number } | null;
}

/** What the kernel remembers of the process that connected or listened, and so nothing that a peer can invent. */
export async function processIdentifier(): Promise<IdentifyProcess> {
  const native = await nativeCore();
  if (native.kind === "unavailable") return () => undefined;
  const { core } = native;
  return (socket) => peerOf(core, descriptorOf(socket));
}

/** The descriptor of a socket, as long as it is open. */
export function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as SocketWithHandle;
  const descriptor = handle?.fd;
  return descriptor === undefined || descriptor < 0 ? undefined : descriptor;
}

function peerOf(core: NativeCore, descriptor: number | undefined): PeerIdentity["process"] {
  if (descriptor === undefined) return undefined;
  try {
    return core.peerOf(descriptor);
  } catch {
    // A socket that broke at this moment has no peer any more; who uses the connection learns it there.
    return undefined;
  }
}
