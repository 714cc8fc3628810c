import type { Conversation } from "./conversation.ts";

/** The class of conversations, which a program needs when its first worker has started, and not before. */
export async function loadConversation(): Promise<typeof Conversation> {
  return (await import("./conversation.ts")).Conversation;
}
