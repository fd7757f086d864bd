// The theme loads Mermaid from another host where a page has none. This one loads the file that `make site` has put beside this script,
// and only when a page has a diagram: it has 3 MB.
const file = new URL("mermaid.tiny.js", document.currentScript.src);
let options;
let loading;

const load = () =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = file;
    script.onload = () => {
      window.mermaid.initialize(options);
      resolve(window.mermaid);
    };
    script.onerror = () => reject(new Error(`${file} is missing: build the site with 'make site'`));
    document.head.append(script);
  });

window.mermaid = {
  initialize(given) {
    options = given;
  },
  async render(...diagram) {
    loading ??= load();
    return (await loading).render(...diagram);
  },
};
