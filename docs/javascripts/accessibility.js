// What the theme leaves out: the keyboard scrolls wide code and tables, and the buttons of each block have a name.
const improve = () => {
  for (const item of document.querySelectorAll("pre > code, .md-typeset__scrollwrap")) {
    item.tabIndex = item.scrollWidth > item.clientWidth ? 0 : -1;
  }
  document.querySelectorAll(".md-code__nav").forEach((item, index) => item.setAttribute("aria-label", `Code ${index + 1}`));
};

document$.subscribe(() => {
  improve();
  new MutationObserver(improve).observe(document.querySelector("article"), {childList: true, subtree: true});
});
addEventListener("resize", improve);
