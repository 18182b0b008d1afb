/** Addresses outside the `#` (a site's QR code read by the phone's own camera: `/m/q/<code>`) become the router's. */
function intoHash(): void {
  const { pathname, search, hash } = window.location;
  const inner = pathname.startsWith("/m/") ? pathname.slice("/m".length) : "/";
  if (inner !== "/" && hash === "") window.history.replaceState(null, "", `/m/#${inner}${search}`);
}

intoHash();
