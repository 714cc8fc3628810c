import type { Socket } from "node:net";

import { type ClientOptions, WebSocket } from "ws";

export interface WebSocketConnectInit<T> {
  readonly url: string;
  readonly options: ClientOptions;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** Takes the socket before the first message can come. */
  open(socket: WebSocket, raw: Socket | undefined): T;
  /** The error for what went wrong. */
  fail(cause: Error): Error;
}

/** Opens a WebSocket as a client. When it rejects, nothing of the attempt is left. */
export function connectSocket<T>(init: WebSocketConnectInit<T>): Promise<T> {
  const { url, options, signal, timeoutMs } = init;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    let raw: Socket | undefined;
    let failure: Error | undefined;
    const give = (error: Error): void => {
      failure ??= error;
      socket.terminate();
    };
    const onAbort = (): void => give(signal?.reason as Error);
    const timer = setTimeout(
      () => give(init.fail(new Error(`it did not answer within ${timeoutMs} ms`))),
      timeoutMs,
    );
    const onError = (error: Error): void => {
      failure ??= init.fail(error);
    };
    const onClose = (): void => {
      settle();
      reject(failure ?? init.fail(new Error("it closed the connection at once")));
    };
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      socket.off("close", onClose);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("upgrade", (response) => {
      raw = response.socket;
    });
    socket.on("error", onError);
    socket.on("close", onClose);
    socket.once("open", () => {
      if (failure !== undefined) return;
      settle();
      resolve(init.open(socket, raw));
    });
  });
}
