// The keyboard: works wherever one is on the page, but not while typing.

import { attribute, el, label, show, signButton } from "../dom.js"

const SAYS = [
  ["Space or K", "play, pause"], ["← →", "15 seconds back, ahead"], ["Shift ← →", "5 seconds back, ahead"],
  ["[ ]", "slower, faster"], ["N", "note at this moment"], ["B", "bookmark at this moment"],
  ["L", "loop: from here, to here, off"], ["?", "this list"],
]
const TYPING = "input, textarea, select, [contenteditable]"
const ACTING = "button, a, summary, [role=button], [role=tab], [role=radio], [role=menuitem], [role=option]"

const ARROWS = "[role=tab], [role=radio], [role=menuitem], [role=option], [role=slider]:not(.wave)"

/** What each key does: `acts` has toggle, skip, faster, note, bookmark, loop, help. */
export function keysOf(acts) {
  return {
    " ": acts.toggle,
    k: acts.toggle,
    ArrowLeft: (event) => acts.skip(event.shiftKey ? -5 : -15),
    ArrowRight: (event) => acts.skip(event.shiftKey ? 5 : 15),
    "[": () => acts.faster(-1),
    "]": () => acts.faster(1),
    n: acts.note,
    b: acts.bookmark,
    l: acts.loop,
    "?": acts.help,
  }
}

/** Listen to the keys of the whole page; return how to stop. */
export function listen(keys) {
  const handle = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!act || isTaken(event)) return
    event.preventDefault()
    event.stopPropagation() // Streamlit has shortcuts of its own
    act(event)
  }
  addEventListener("keydown", handle, { capture: true })
  return () => removeEventListener("keydown", handle, { capture: true })
}

function isTaken(event) {
  // Inside of components the page sees only their outsides.
  const on = event.composedPath().find((node) => node instanceof Element)
  if (!on || on.closest(TYPING) || document.querySelector("[role=dialog]")) return true
  return Boolean((event.key === " " && on.closest(ACTING)) || (event.key.startsWith("Arrow") && on.closest(ARROWS)))
}

export class KeyHelp {
  constructor() {
    const rows = SAYS.flatMap(([key, does]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, does)])
    this.root = el("dl", { class: "keys", hidden: true }, ...rows)
    this.button = signButton("keys", () => this.toggle())
    label(this.button, "Keys (?)")
    attribute(this.button, "aria-expanded", false)
  }

  toggle = () => {
    show(this.root, this.root.hidden)
    attribute(this.button, "aria-expanded", !this.root.hidden)
  }
}
