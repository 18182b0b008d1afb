/// <reference types="vite/client" />
/// <reference types="vant/es" />
