// Names that build.mjs puts into the bundle: file names (with content hash) beside the map's chunk.
declare const MAP_WORKER: string;
declare const MAP_STYLES: string;

// Tabler ships no types; importing it starts Bootstrap's data-bs-* behaviour.
declare module "@tabler/core/dist/js/tabler.esm.js";
