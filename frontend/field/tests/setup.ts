import "fake-indexeddb/auto";

import { cost } from "../src/core/vault.ts";

cost.rounds = 1000;
