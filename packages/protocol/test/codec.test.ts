import { describeCodec } from "@amphis/conformance/codec";

import { compact, json, msgpack } from "../src/codec/index.ts";

describeCodec("msgpack", msgpack);
describeCodec("json", json);
describeCodec("compact", compact);
