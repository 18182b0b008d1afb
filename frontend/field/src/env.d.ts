/// <reference types="vite/client" />
/// <reference types="vant/es" />

/** Of package.json, put in by the build. */
declare const __APP_VERSION__: string;
