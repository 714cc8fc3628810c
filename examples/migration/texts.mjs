/* What the tests of this story ask. */

export const texts = ["Great tea, still warm", "It came late and cold", "Tea"];

export async function itemsOf(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}
