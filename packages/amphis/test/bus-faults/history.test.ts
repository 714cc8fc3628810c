import { expect, test } from "vitest";

import {
  check,
  type Delivery,
  type History,
  type Publication,
  type Subscriber,
} from "./history.ts";

const everything = (): boolean => true;
const PLAIN: Subscriber = { name: "plain", wants: everything };
const EVEN: Subscriber = { name: "even", wants: ({ number }) => number % 2 === 0 };
const ONE: Subscriber = { name: "one", group: "g", wants: everything };
const OTHER: Subscriber = { name: "other", group: "g", wants: everything };

function sent(number: number, more: Partial<Publication> = {}): Publication {
  return { sender: "p", topic: "t", number, phase: "calm", accepted: true, ...more };
}

function got(subscriber: string, number: number, more: Partial<Delivery> = {}): Delivery {
  return { subscriber, sender: "p", topic: "t", number, ...more };
}

function history(
  publications: readonly Publication[],
  deliveries: readonly Delivery[],
  ...subscribers: readonly Subscriber[]
): History {
  return { publications, deliveries, subscribers };
}

test("finds nothing wrong when everyone got what they wanted once and in order", () => {
  const deliveries = [
    ...[0, 1, 2, 3].map((n) => got("plain", n)),
    got("even", 0),
    got("even", 2),
    got("one", 0),
    got("other", 1),
    got("other", 2),
    got("one", 3),
  ];
  const publications = [0, 1, 2, 3].map((n) => sent(n));
  expect(check(history(publications, deliveries, PLAIN, EVEN, ONE, OTHER))).toEqual({
    problems: [],
    missing: 0,
    accepted: 4,
    refused: 0,
    delivered: 10,
  });
});

test("lets the order of two topics and of two senders be any", () => {
  const publications = [
    sent(0),
    sent(1, { topic: "u" }),
    sent(0, { sender: "q" }),
    sent(2),
    sent(1, { sender: "q", topic: "u" }),
  ];
  const deliveries = [
    got("plain", 1, { topic: "u" }),
    got("plain", 1, { sender: "q", topic: "u" }),
    got("plain", 0),
    got("plain", 2),
    got("plain", 0, { sender: "q" }),
  ];
  expect(check(history(publications, deliveries, PLAIN)).problems).toEqual([]);
});

test.each<[string, History, string]>([
  [
    "an event that one subscriber got twice",
    history([sent(0)], [got("plain", 0), got("plain", 0)], PLAIN),
    "duplicate t p 0 to plain",
  ],
  [
    "an event that one member of a group got twice",
    history([sent(0)], [got("one", 0), got("one", 0)], ONE, OTHER),
    "duplicate t p 0 to one",
  ],
  [
    "an event that both members of a group got",
    history([sent(0)], [got("one", 0), got("other", 0)], ONE, OTHER),
    "group t p 0 to other",
  ],
  [
    "an event that came before an older one",
    history([sent(0), sent(1)], [got("plain", 1), got("plain", 0)], PLAIN),
    "reordered t p 0 to plain",
  ],
  [
    "an event that nobody published",
    history([], [got("plain", 0)], PLAIN),
    "unpublished t p 0 to plain",
  ],
  [
    "an event that came with the name of another sender",
    history([sent(0)], [got("plain", 0), got("plain", 0, { sender: "q" })], PLAIN),
    "unpublished t q 0 to plain",
  ],
  [
    "an event that was delivered though its sender was told that it was not",
    history([sent(0, { accepted: false })], [got("plain", 0)], PLAIN),
    "refused t p 0 to plain",
  ],
  [
    "an event that the subscriber did not want",
    history([sent(1)], [got("even", 1)], EVEN),
    "unwanted t p 1 to even",
  ],
  [
    "an event that got lost although nothing went wrong",
    history([sent(0), sent(1)], [got("plain", 0)], PLAIN),
    "lost t p 1 to plain",
  ],
  [
    "an event that a whole group missed",
    history([sent(0)], [], ONE, OTHER),
    "lost t p 0 to group g",
  ],
  [
    "an event that is missing apart from the others that a loss took",
    history(
      [0, 1, 2, 3].map((n) => sent(n, { phase: "kill" })),
      [got("plain", 0), got("plain", 2)],
      PLAIN,
    ),
    "gap t p 3 to plain",
  ],
  [
    "a delivery to somebody who did not subscribe",
    history([sent(0)], [got("plain", 0), got("nobody", 0)], PLAIN),
    "stranger t p 0 to nobody",
  ],
])("finds %s", (_, planted, problem) => {
  expect(check(planted).problems.map(({ kind, event }) => `${kind} ${event}`)).toEqual([problem]);
});

test("counts what is missing around a loss, and nothing that was not accepted or not wanted", () => {
  const publications = [
    sent(0),
    sent(1, { phase: "kill" }),
    sent(2, { phase: "kill" }),
    sent(3, { phase: "kill", accepted: false }),
    sent(4, { phase: "kill" }),
  ];
  const deliveries = [got("plain", 0), got("plain", 4), got("even", 0)];
  expect(check(history(publications, deliveries, PLAIN, EVEN))).toEqual({
    problems: [],
    missing: 4,
    accepted: 4,
    refused: 1,
    delivered: 3,
  });
});
