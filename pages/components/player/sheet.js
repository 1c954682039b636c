// One page of a document: its picture, or its text where it has none.

import { button, el, show, text } from "../dom.js"
import { all, ask, send } from "./api.js"

const KEPT = 24 // pictures
const SLOW_MS = 300
const NO_TEXT = "No text was found on this page."

export class Sheet {
  number = 1
  pages = null // how many there are, once it is known
  #base
  #document
  #changed
  #texts = null
  #pictures = new Map() // promises of addresses by page, the last used last

  constructor(base, document, changed) {
    this.#base = base
    this.#document = document
    this.#changed = changed
    this.picture = el("img", { class: "page", hidden: true })
    this.words = el("div", { class: "page words", hidden: true })
    this.told = el("p", { class: "quiet", role: "status" })
    this.again = button("Try again", () => this.turn(this.number), { sign: "again" })
    this.root = el("div", { class: "sheet" }, this.picture, this.words, this.told, this.again)
    show(this.again, false)
  }

  /** Show a page; beyond the last it is that one. */
  async turn(asked) {
    const number = Math.min(this.pages ?? Infinity, Math.max(1, asked))
    this.number = number
    this.#changed()
    show(this.again, false)
    const slow = setTimeout(() => text(this.told, `Opening page ${number}…`), SLOW_MS)
    try {
      await (this.#document.has_pictures ? this.#paint(number) : this.#write(number))
      if (this.number === number) text(this.told, "")
    } catch (error) {
      if (this.number === number) this.#fail(error)
    } finally {
      clearTimeout(slow)
    }
    this.#changed()
  }

  close() {
    for (const picture of this.#pictures.values()) picture.then((address) => URL.revokeObjectURL(address), () => {})
  }

  async #paint(number) {
    const address = await this.#picture(number)
    if (this.number !== number) return
    this.picture.src = address
    this.picture.alt = `Page ${number} of ${this.#document.name}`
    show(this.picture, true)
    if (!this.pages || number < this.pages) this.#picture(number + 1).catch(() => {}) // the next is at hand
  }

  #picture(number) {
    const known = this.#pictures.get(number)
    const picture = known ?? this.#fetch(number)
    this.#pictures.delete(number)
    this.#pictures.set(number, picture)
    if (!known) picture.catch(() => this.#pictures.delete(number))
    const [oldest] = this.#pictures.keys()
    if (this.#pictures.size > KEPT && oldest !== this.number) {
      this.#pictures.get(oldest).then((address) => URL.revokeObjectURL(address), () => {})
      this.#pictures.delete(oldest)
    }
    return picture
  }

  async #fetch(number) {
    const answer = await send(`${this.#base}/files/${this.#document.id}/pages/${number}/image`)
    this.pages = Number(answer.headers.get("X-Study-Buddy-Pages")) || this.pages
    return URL.createObjectURL(await answer.blob())
  }

  async #write(number) {
    const words = await this.textOf(number)
    if (this.number !== number) return
    text(this.words, words || NO_TEXT)
    show(this.words, true)
  }

  /** Return what was read on a page. */
  async textOf(number) {
    const address = `${this.#base}/files/${this.#document.id}/pages`
    if (this.#document.has_pictures) {
      const { pages } = await ask(`${address}?limit=1${number > 1 ? `&after=${number - 1}` : ""}`)
      return pages.find((page) => page.number === number)?.text ?? ""
    }
    // Without pictures, the texts tell how many pages there are.
    this.#texts ??= all(address, "pages").then((pages) => new Map(pages.map((page) => [page.number, page.text])))
    const texts = await this.#texts.catch((error) => {
      this.#texts = null
      throw error
    })
    this.pages = Math.max(1, ...texts.keys())
    return texts.get(number) ?? ""
  }

  #fail(error) {
    text(this.told, `Page ${this.number}: ${error.message}. ${error.fix}`)
    show(this.again, error.passing)
  }
}
