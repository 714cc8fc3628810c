/*
 * Requests and events between the parts of a program, in one process or many. Start with `openBus`; what holds for whoever uses it is
 * written in `bus.ts`, and how members talk in spec/bus.md.
 */

export { openBus } from "./open-bus.ts";
export type {
  Answer,
  Bus,
  BusHealth,
  BusOptions,
  BusState,
  BusStats,
  ContractName,
  Endpoint,
  EndpointChange,
  EndpointInfo,
  EndpointOptions,
  EndpointQuery,
  EndpointStats,
  EventHandler,
  Health,
  HealthStatus,
  JoiningMember,
  PeerHealth,
  Registration,
  Request,
  RequestHandler,
  RequestOptions,
  RouteInit,
  SendOptions,
  SlowPolicy,
  StreamOptions,
  SubscribeOptions,
  Subscription,
  SubscriptionStats,
} from "./bus.ts";
export type { AllowRule } from "./access.ts";
export type { FilterCondition, FilterInit, FilterOperators, FilterScalar } from "./filter.ts";
