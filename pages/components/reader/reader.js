// A document page by page: as it looks where that can be drawn, with its text to select and to copy.

import { el, show, text, withStyles } from "../dom.js"
import { CardMaker, selectedIn } from "../player/cards.js"
import { listen } from "../player/keys.js"
import { Pager } from "../player/pager.js"
import { Sheet } from "../player/sheet.js"

const STYLES = new URL(`../player/player.css${new URL(import.meta.url).search}`, import.meta.url)
const readers = new Map()

class Reader {
  #data

  constructor(root, data) {
    this.#data = data
    this.sheet = new Sheet(data.base, data.document, () => this.#render())
    this.pager = new Pager(this.sheet, (page) => this.turn(page))
    this.words = el("div", { class: "page words" })
    this.details = el("details", { hidden: !data.document.has_pictures }, el("summary", {}, "Text of this page"), this.words)
    this.details.ontoggle = () => this.#read()
    this.name = el("a", { target: "_blank" }, "Open it in the browser's own viewer")
    this.pager.root.append(this.name)
    show(this.name, data.document.has_pictures)
    this.cards = new CardMaker(data.base, () => this.#picked())
    this.root = el("div", { class: "desk reader" }, this.pager.root, this.sheet.root, this.details, this.cards.root)
    root.append(this.root)
    this.stopKeys = listen({ ArrowLeft: () => this.turn(this.sheet.number - 1), ArrowRight: () => this.turn(this.sheet.number + 1) })
    this.turn(data.document.page ?? 1)
  }

  async turn(page) {
    await this.sheet.turn(page)
    this.#read()
  }

  close() {
    this.stopKeys()
    this.sheet.close()
    this.root.parentElement?.remove()
  }

  #picked() {
    const words = selectedIn(this.words)?.words ?? selectedIn(this.sheet.words)?.words ?? ""
    return { file_id: this.#data.document.id, page: this.sheet.number, words }
  }

  #render() {
    this.pager?.render()
    const { base, document } = this.#data
    this.name?.setAttribute("href", `${base}/files/${document.id}/content#page=${this.sheet.number}`)
  }

  async #read() {
    if (!this.details.open) return
    const { number } = this.sheet
    const words = await this.sheet.textOf(number).catch((error) => `The text could not be read: ${error.message}.`)
    if (number === this.sheet.number) text(this.words, words || "No text was found on this page.")
  }
}

export function mount({ parentElement, data }) {
  const known = readers.get(parentElement)
  const same = known?.id === data.document.id && known.page === data.document.page
  if (same) return
  known?.reader.close()
  const { id, page } = data.document
  readers.set(parentElement, { id, page, reader: new Reader(withStyles(parentElement, STYLES), data) })
}

export function unmount(parentElement) {
  readers.get(parentElement)?.reader.close()
  readers.delete(parentElement)
}
