/*
 * Topics and topic patterns, as spec/bus.md has them. A pattern is a topic in which a level may be `*` (exactly one level) and the last may
 * be `#` (any number of levels, also none). A first level `*` or `#` does not match a topic that begins with `$`: those are the hub's own.
 *
 * What is asked here of topics and patterns holds for valid ones; checks come first, where they enter.
 */

import { checkLevels, checkText, invalidName, MAX_LEVELS, MAX_PATTERN_BYTES } from "./name.ts";

/** First character of the topics that are the hub's own. */
export const DOLLAR = 0x24;
const HASH = 0x23;
const STAR = 0x2a;
const DOT = 0x2e;

/**
 * Checks that a text names one topic. Topics that begin with `$` pass: whether one may publish there is another question.
 *
 * @throws {AmphisError} NAME_INVALID with what is wrong; {TypeError} when it is no string
 */
export function checkTopic(topic: string): void {
  if (isPlainTopic(topic)) return;
  checkText("topic", topic, MAX_PATTERN_BYTES);
  const wildcard = /[*#]/.exec(topic);
  if (wildcard !== null) throw invalidName("topic", topic, `it contains ${wildcard[0]}`);
  checkLevels("topic", topic, MAX_LEVELS);
}

/** Whether a text is surely a topic, as nearly all are: printable ASCII. What is not goes through the checks that can say why. */
function isPlainTopic(topic: string): boolean {
  if (typeof topic !== "string") return false;
  const { length } = topic;
  if (length > MAX_PATTERN_BYTES) return false;
  let levels = 1;
  let before = DOT;
  for (let at = 0; at < length; at += 1) {
    const code = topic.charCodeAt(at);
    if (code === DOT) {
      if (before === DOT) return false;
      levels += 1;
    } else if (code < 0x20 || code > 0x7e || code === HASH || code === STAR) return false;
    before = code;
  }
  return before !== DOT && levels <= MAX_LEVELS;
}

/**
 * Checks that a text is a topic pattern.
 *
 * @throws {AmphisError} NAME_INVALID with what is wrong; {TypeError} when it is no string
 */
export function checkTopicPattern(pattern: string): void {
  const what = "topic pattern";
  checkText(what, pattern, MAX_PATTERN_BYTES);
  checkLevels(what, pattern, MAX_LEVELS);
  if (/[^.][*#]|[*#][^.]/u.test(pattern)) {
    throw invalidName(what, pattern, "* and # must be a level of their own");
  }
  if (/#\./.test(pattern)) throw invalidName(what, pattern, "# must be the last level");
}

/** Whether a pattern matches a topic. */
export function matchesTopic(pattern: string, topic: string): boolean {
  if (startsOpen(pattern) && topic.charCodeAt(0) === DOLLAR) return false;
  let at = 0;
  let from = 0;
  while (from <= pattern.length) {
    const level = levelAt(pattern, from);
    if (level === "#") return true;
    if (at > topic.length) return false;
    const end = endOfLevel(topic, at);
    if (level !== "*" && !(level.length === end - at && topic.startsWith(level, at))) return false;
    from += level.length + 1;
    at = end + 1;
  }
  return at > topic.length;
}

/** Whether the outer pattern matches every topic that the inner one matches. */
export function coversTopic(outer: string, inner: string): boolean {
  if (startsOpen(outer) && inner.charCodeAt(0) === DOLLAR) return false;
  // A topic has a level at least, so these two say the same.
  const wanted = inner === "#" ? "*.#" : inner;
  let at = 0;
  let from = 0;
  while (from <= outer.length) {
    const level = levelAt(outer, from);
    if (level === "#") return true;
    if (at > wanted.length) return false;
    const other = levelAt(wanted, at);
    if (other === "#" || (level !== "*" && level !== other)) return false;
    from += level.length + 1;
    at += other.length + 1;
  }
  return at > wanted.length;
}

/** Whether the first level is a wildcard. */
function startsOpen(pattern: string): boolean {
  return pattern.startsWith("*") || pattern.startsWith("#");
}

function levelAt(text: string, from: number): string {
  return text.slice(from, endOfLevel(text, from));
}

/** Where the level that starts at `from` ends. */
export function endOfLevel(text: string, from: number): number {
  const dot = text.indexOf(".", from);
  return dot < 0 ? text.length : dot;
}
