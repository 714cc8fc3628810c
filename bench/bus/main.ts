import { printResult, printTable } from "../runner/index.ts";
import { measureAcross, type Across } from "./across.ts";
import { measureInProcess } from "./in-process.ts";
import type { SystemName } from "./system/index.ts";

const across = await measureAcross();
const inProcess = await measureInProcess();

const figure = (name: SystemName, key: keyof Across): number => across[name]?.[key] ?? Number.NaN;
const thousands = (value: number): string =>
  Number.isNaN(value) ? "-" : (value / 1_000).toFixed(0);

printTable(
  [
    "between processes",
    "request p50 us",
    "p99 us",
    "p50 on one CPU",
    "k requests/s, 64 at once",
    "k events/s, 1 to 1",
    "k deliveries/s, 1 to 100",
  ],
  (Object.keys(across) as SystemName[]).map((name) => [
    name,
    figure(name, "p50").toFixed(1),
    figure(name, "p99").toFixed(0),
    figure(name, "p50OneCpu").toFixed(1),
    thousands(figure(name, "requestsPerSecond")),
    thousands(figure(name, "eventsPerSecond")),
    thousands(figure(name, "deliveriesPerSecond")),
  ]),
);
process.stdout.write("\n");
printTable(
  ["in process", "k/s", "ns each"],
  inProcess.map(({ name, perSecond }) => [
    name,
    thousands(perSecond),
    (1e9 / perSecond).toFixed(0),
  ]),
);

/** How far ahead of a rival, in the work where that is least; below 1 it is behind. */
function ahead(ours: SystemName, rival: SystemName): number {
  return Math.min(
    figure(rival, "p50") / figure(ours, "p50"),
    figure(ours, "requestsPerSecond") / figure(rival, "requestsPerSecond"),
    figure(ours, "eventsPerSecond") / figure(rival, "eventsPerSecond"),
    figure(ours, "deliveriesPerSecond") / figure(rival, "deliveriesPerSecond"),
  );
}

const perSecond = (name: string): number =>
  inProcess.find((each) => each.name === name)?.perSecond ?? Number.NaN;
const vsNats = ahead("amphis", "nats");

printResult({
  question: "bus",
  ratios: {
    unix_request_vs_echo: figure("amphis", "p50") / figure("bare", "p50"),
    unix_request_vs_echo_one_cpu: figure("amphis", "p50OneCpu") / figure("bare", "p50OneCpu"),
    cross_process_per_s: figure("amphis", "eventsPerSecond"),
    in_process_per_s: perSecond("publish, 1 subscription"),
    match_100k_vs_10:
      perSecond("publish to 10 topics, 10 subscriptions") /
      perSecond("publish to 10 topics, 100,000 subscriptions"),
    vs_zeromq: ahead("amphis", "zeromq"),
    ...(Number.isNaN(vsNats)
      ? {}
      : { vs_nats: vsNats, vs_nats_hub_apart: ahead("amphis, hub apart", "nats") }),
  },
  targets: {
    unix_request_vs_echo: { max: 1.3 },
    cross_process_per_s: { min: 200_000 },
    in_process_per_s: { min: 1_000_000 },
    match_100k_vs_10: { max: 2 },
    vs_zeromq: { min: 1 },
    ...(Number.isNaN(vsNats) ? {} : { vs_nats: { min: 1 } }),
  },
});
