// Small helpers to build and patch the page. Text only ever goes in as text.

const SVG = "http://www.w3.org/2000/svg"
const ICONS = {
  pause: "M8 5v14M16 5v14",
  play: "M7 4l13 8-13 8z",
  close: "M6 6l12 12M18 6L6 18",
  again: "M20 12a8 8 0 1 1-2.3-5.7M20 3v5h-5",
  check: "M4 12.5l5.5 5.5L20 7",
  warn: "M12 4l9.5 16h-19zM12 10v4M12 17v.5",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  folder: "M3 6h7l2 2h9v11H3z",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3",
  stop: "M6 6h12v12H6z",
  note: "M4 20l1-5L16 4l4 4L9 19z",
  bookmark: "M6 3h12v18l-6-5-6 5z",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6L11.5 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6L12.5 17",
  loop: "M17 2l4 4-4 4M3 11V9a3 3 0 0 1 3-3h15M7 22l-4-4 4-4M21 13v2a3 3 0 0 1-3 3H3",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  card: "M4 5h16v14H4zM8 10h8M8 14h5",
  pin: "M12 21v-7M7 14h10l-2-4V4H9v6z",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  keys: "M3 6h18v12H3zM7 10v.5M11 10v.5M15 10v.5M8 14h8",
}

/** Make an element; `props` are attributes, or event handlers when they are functions. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") node[name] = value
    else if (value !== false) node.setAttribute(name, value === true ? "" : value)
  }
  node.append(...children)
  return node
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg")
  const path = document.createElementNS(SVG, "path")
  path.setAttribute("d", ICONS[name])
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  svg.setAttribute("class", `icon ${name}`)
  svg.append(path)
  return svg
}

export function button(label, onclick, { sign = null, look = "" } = {}) {
  const node = el("button", { type: "button", class: `button ${look}`, onclick }, ...(sign ? [icon(sign)] : []))
  node.append(el("span", {}, label))
  return node
}

/** A button that shows only its sign; its label is spoken and shown on hover. */
export function signButton(sign, onclick) {
  return el("button", { type: "button", class: "sign", onclick }, icon(sign))
}

export function label(node, text) {
  attribute(node, "aria-label", text)
  attribute(node, "title", text)
}

export function text(node, value) {
  if (node.textContent !== value) node.textContent = value
}

export function attribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value)
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible
}

/** Put `wanted` into `parent` in order, moving as little as possible, so that focus and scrolling stay. */
export function arrange(parent, wanted) {
  const keep = new Set(wanted)
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove()
  wanted.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null)
  })
}

/** Put a component's styles beside its view; it stays unseen until they are there. */
export function withStyles(parent, address) {
  const root = document.createElement("div")
  root.hidden = true
  const link = document.createElement("link")
  link.rel = "stylesheet"
  link.href = address
  link.onload = link.onerror = () => (root.hidden = false)
  root.append(link)
  parent.append(root)
  return root
}
