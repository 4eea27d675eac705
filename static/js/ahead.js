/* Fetches a list's next page ahead of need: an observer of the link to it. */

const AHEAD = "1400px";

export function fetchAhead() {
  const near = new IntersectionObserver(
    (entries) => entries.forEach((entry) => entry.isIntersecting && fetchMore(entry.target)),
    { rootMargin: AHEAD },
  );

  function fetchMore(link) {
    near.unobserve(link);
    window.htmx?.trigger(link, "near");
    // Early in the page's life htmx may not listen yet.
    const isAsked = link.classList.contains("htmx-request");
    if (!isAsked && link.isConnected) setTimeout(() => fetchMore(link), 300);
  }

  return near;
}
