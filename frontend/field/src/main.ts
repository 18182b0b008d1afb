/** Starts the app, or says what this browser lacks for it. */

import "./deep_link.ts"; // before the router reads the address
import "./styles/theme.css";
import "./styles/vant_icons.css";

import { createApp } from "vue";

import { databaseOpens, lacking } from "./core/support.ts";
import { open } from "./open.ts";

async function start(): Promise<void> {
  const missing = lacking();
  if (missing.length === 0 && !(await databaseOpens())) missing.push("浏览器的本机数据库打不开：请退出无痕模式，或换用系统浏览器。");
  if (missing.length > 0) {
    const { default: Unsupported } = await import("./screens/Unsupported.vue");
    createApp(Unsupported, { missing }).mount("#app");
    return;
  }
  await open();
}

void start();
