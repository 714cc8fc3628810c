/*
 * Python libraries as TypeScript sees them. `discover` describes the public surface of any library; a LibraryModel is that description.
 */

export { discover, knownLibraries } from "./discovery/index.ts";
export type { Discovered, DiscoverOptions, DiscoveryProgress } from "./discovery/index.ts";
export { findMember, membersOf, nearMembers, searchLibraries } from "./model/index.ts";
export type { FoundMember, SearchHit, SearchOptions } from "./model/index.ts";
export { MODEL_FORMAT } from "./model/index.ts";
export type {
  AliasModel,
  CallableType,
  ClassModel,
  Doc,
  DocParameter,
  DocRaise,
  FunctionModel,
  LibraryModel,
  LiteralType,
  Member,
  ModuleLink,
  ModuleModel,
  NameType,
  Parameter,
  PropertyModel,
  Signature,
  TupleType,
  TypeAliasModel,
  TypeNode,
  TypeParameter,
  UnionType,
  UnknownType,
  UnpackType,
  ValueModel,
  VariableType,
} from "./model/index.ts";

// Declarations for TypeScript, and calls that cannot be right
export { typeText, writeTypes } from "./types/index.ts";
export type { WriteTypesOptions, WrittenTypes } from "./types/index.ts";
export { checkCall, signatureText } from "./signature/index.ts";

// A reference site of a project's libraries
export {
  EXAMPLE_FUNCTION,
  exampleArguments,
  serveReference,
  writeReference,
} from "./reference/index.ts";
export type {
  Example,
  ExampleStep,
  ReferenceProgress,
  ReferenceServer,
  ServeReferenceOptions,
  WriteReferenceOptions,
  WrittenReference,
} from "./reference/index.ts";

// What an update does to programs
export { compareModels } from "./compare/index.ts";
export type { Impact, SurfaceChange, SurfaceComparison } from "./compare/index.ts";
export { updateLibraries } from "./update/index.ts";
export type {
  LibrariesUpdate,
  LibraryInUse,
  LibraryUpdate,
  UpdateLibrariesOptions,
  UpdateProgress,
} from "./update/index.ts";

// Environments: a Python with the packages that libraries need
export {
  formatProgress,
  lockEnvironment,
  openEnvironment,
  parseRequirement,
  ProgressLine,
  pruneEnvironments,
  readyEnvironment,
  readLock,
  repairEnvironment,
  requirementOf,
  updateEnvironment,
  verifyEnvironment,
} from "./environment/index.ts";
export type {
  Environment,
  EnvironmentLock,
  EnvironmentProblem,
  EnvironmentProgress,
  EnvironmentRepair,
  EnvironmentReport,
  EnvironmentRequest,
  EnvironmentUpdate,
  LibraryRequirement,
  Lock,
  LockEnvironmentOptions,
  LockedEnvironment,
  LockedPackage,
  OnProgress,
  OpenEnvironmentOptions,
  PackageChange,
  PackageVersion,
  ProgressStream,
  Requirement,
  UpdateEnvironmentOptions,
} from "./environment/index.ts";

// Options, as configurations name them
export type {
  BatchingOptions,
  HookCall,
  HookContext,
  LibraryHooks,
  LibraryOptions,
  PureFunctionOptions,
  PythonReference,
  RateLimitOptions,
  SerializerOptions,
  TraceOptions,
  TypeScriptSerializer,
  WorkerHook,
} from "./options.ts";
export type { PythonEnvironmentOptions } from "./environment-options.ts";
export type { ApprovalOptions, PolicyOptions } from "./policy-options.ts";
export type { AllowOptions, FilePolicyOptions, Isolation, WorkerPolicy } from "../worker/index.ts";

// Calls of configured libraries
export {
  checkSerializer,
  LibraryCalls,
  registration,
  startFailure,
  typedValues,
  workerChores,
} from "./call/index.ts";
export type {
  CacheFigures,
  CallsPython,
  CallTarget,
  CheckSerializerOptions,
  ForgetOptions,
  FunctionFigures,
  LibraryFigures,
  NamedCall,
  Reach,
  ReachOf,
  Renew,
  SerializerReport,
} from "./call/index.ts";

// Code that somebody has to have looked at
export { Approvals, expectApproved, reviewLibrary } from "./approval/index.ts";
export type {
  ApprovalCheck,
  ApprovalDecision,
  ApprovalState,
  AuditRecord,
  DecisionOptions,
  Finding,
  FindingKind,
  LibraryReview,
  ReviewRequest,
} from "./approval/index.ts";

// What this machine can hold workers to
export { isolationSupport } from "../worker/index.ts";
export type { ControlGroupSupport, IsolationQuery, IsolationSupport } from "../worker/index.ts";
