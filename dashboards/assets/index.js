// Search and facet filters of the index. Everything from the catalogue enters the page as text (textContent), never as
// markup; what is chosen lives in the address (#color=red&q=dress), so that pages can link to it and "back" works.
"use strict";
{
  const { facets, values, pages, cards: step } = COLLECTIONS;
  const NOT_INDEXED = "not_indexed";
  const byId = (id) => document.getElementById(id);
  const folded = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const searched = pages.map(([, title, , , numbers]) =>
    folded([title, ...numbers.map((number) => values[number][1])].join(" ")));
  const numbersByName = new Map(values.map(([facet, value], number) => [`${facets[facet][0]}=${value}`, number]));
  let chosen = new Set();
  let hideNotIndexed = false;
  let words = [];
  let shown = step;

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const card = ([slug, title, products, indexable, , shownPictures]) => {
    const collage = element("span", { className: "collage" });
    for (const address of shownPictures) {
      collage.append(element("img", { src: address, alt: "", loading: "lazy", decoding: "async", width: 400, height: 400 }));
    }
    const name = element("span", { className: "name" }, element("bdi", { textContent: title }));
    const note = `${products.toLocaleString("en")} products${indexable ? "" : " · not indexed"}`;
    return element("li", { className: "card" },
      element("a", { href: `${slug}/index.html` }, collage, name),
      element("span", { className: "note", textContent: note }));
  };

  // A page counts for the values of a facet when every other facet lets it pass.
  const matching = () => {
    const wanted = new Map();
    for (const number of chosen) {
      const facet = values[number][0];
      wanted.set(facet, (wanted.get(facet) ?? new Set()).add(number));
    }
    const tallies = new Uint32Array(values.length);
    const found = [];
    pages.forEach((page, place) => {
      if (hideNotIndexed && !page[3]) return;
      if (!words.every((word) => searched[place].includes(word))) return;
      const failed = [...wanted].filter(([, numbers]) => !page[4].some((number) => numbers.has(number)));
      if (failed.length === 0) {
        found.push(page);
        for (const number of page[4]) tallies[number] += 1;
      } else if (failed.length === 1) {
        for (const number of page[4]) if (values[number][0] === failed[0][0]) tallies[number] += 1;
      }
    });
    return { found, tallies };
  };

  const boxes = new Map();
  const onlyIndexable = element("input", { type: "checkbox", id: "only-indexable" });
  const buildFacets = () => {
    const totals = new Uint32Array(values.length);
    for (const page of pages) for (const number of page[4]) totals[number] += 1;
    const groups = facets.map(([, label], facet) => {
      const list = element("ul");
      values.map((value, number) => number).filter((number) => values[number][0] === facet)
        .sort((a, b) => totals[b] - totals[a])
        .forEach((number) => {
          const box = element("input", { type: "checkbox" });
          const tally = element("span", { className: "tally" });
          box.addEventListener("change", () => toggle(number));
          boxes.set(number, { box, tally });
          list.append(element("li", {}, element("label", {}, box, element("bdi", { textContent: values[number][1] }), tally)));
        });
      const open = facet < 3;
      return element("details", { className: "facet-group", open }, element("summary", { textContent: label }), list);
    });
    onlyIndexable.addEventListener("change", () => { hideNotIndexed = onlyIndexable.checked; remember(); });
    if (pages.some((page) => !page[3])) {
      groups.push(element("div", { className: "facet-group" },
        element("label", {}, onlyIndexable, element("span", { textContent: "Hide pages that are not indexed" }))));
    }
    byId("facets").replaceChildren(...groups);
  };

  const toggle = (number) => {
    if (!chosen.delete(number)) chosen.add(number);
    remember();
  };

  const remember = () => {
    const parameters = new URLSearchParams();
    for (const number of chosen) parameters.append(facets[values[number][0]][0], values[number][1]);
    if (words.length) parameters.set("q", byId("query").value.trim());
    if (hideNotIndexed) parameters.set(NOT_INDEXED, "hidden");
    const address = parameters.toString();
    history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
    shown = step;
    render();
  };

  const recall = () => {
    const parameters = new URLSearchParams(location.hash.slice(1));
    chosen = new Set();
    for (const [name, value] of parameters) {
      const number = numbersByName.get(`${name}=${value}`);
      if (number !== undefined) chosen.add(number);
    }
    byId("query").value = parameters.get("q") ?? "";
    words = folded(byId("query").value).split(/\s+/).filter(Boolean);
    hideNotIndexed = parameters.get(NOT_INDEXED) === "hidden";
    onlyIndexable.checked = hideNotIndexed;
    shown = step;
    render();
  };

  const render = () => {
    const { found, tallies } = matching();
    byId("cards").replaceChildren(...found.slice(0, shown).map(card));
    byId("count").textContent = found.length === pages.length
      ? `${pages.length.toLocaleString("en")} collections`
      : `${found.length.toLocaleString("en")} of ${pages.length.toLocaleString("en")} collections`;
    byId("nothing").hidden = found.length > 0;
    byId("more").hidden = found.length <= shown;
    byId("chosen").textContent = chosen.size ? String(chosen.size) : "";
    for (const [number, { box, tally }] of boxes) {
      box.checked = chosen.has(number);
      tally.textContent = tallies[number].toLocaleString("en");
      box.closest("li").hidden = tallies[number] === 0 && !box.checked;
    }
    byId("active").replaceChildren(...[...chosen].map((number) => {
      const [facet, value] = values[number];
      const button = element("button", { type: "button", ariaLabel: `Remove ${facets[facet][1]}: ${value}` },
        element("span", { className: "facet", textContent: facets[facet][1] }), element("bdi", { textContent: value }), "×");
      button.addEventListener("click", () => toggle(number));
      return element("li", {}, button);
    }));
  };

  if (pages.length) {
    if (matchMedia("(max-width: 720px)").matches) byId("filters").open = false;
    buildFacets();
    byId("query").addEventListener("input", () => {
      words = folded(byId("query").value).split(/\s+/).filter(Boolean);
      remember();
    });
    document.querySelector("form.search").addEventListener("submit", (event) => event.preventDefault());
    byId("more").addEventListener("click", () => {
      shown += step;
      render();
      byId("cards").children[shown - step]?.querySelector("a").focus();
    });
    addEventListener("hashchange", recall);
    recall();
  }
}
