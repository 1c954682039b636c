// A zip on its way to the server: chosen, sent with a bar, its end told to the page.

import { button, el, show, text, withStyles } from "../dom.js"

const STYLES = new URL(`session_zip.css${new URL(import.meta.url).search}`, import.meta.url)
const views = new Map()

class View {
  #request = null

  constructor(root) {
    this.input = el("input", { type: "file", accept: ".zip,application/zip", hidden: true })
    this.input.onchange = () => this.#send(this.input.files[0])
    this.choose = button("Choose the zip", () => this.input.click(), { sign: "file" })
    this.stop = button("Stop", () => this.#request?.abort(), { sign: "close" })
    this.bar = el("progress", { max: 1, "aria-label": "Sent so far" })
    this.words = el("p", { role: "status" })
    this.root = el("div", { class: "way-in" }, el("span", { class: "buttons" }, this.choose, this.stop), this.bar, this.words)
    root.append(this.input, this.root)
    this.#rest("")
  }

  #send(file) {
    this.input.value = ""
    if (!file) return
    if (file.size > this.data.max_bytes) return this.#rest("The zip is larger than the limit in the settings (MAX_UPLOAD_MB). The command `import session` takes it.")
    const request = (this.#request = new XMLHttpRequest())
    request.open("POST", this.data.address)
    request.responseType = "json"
    request.setRequestHeader("Content-Type", "application/zip")
    request.upload.onprogress = ({ loaded, total }) => this.#sending(file.name, loaded / Math.max(1, total))
    request.onload = () => this.#end(request)
    request.onerror = () => this.#rest("The connection was lost. Choose the zip again.")
    request.onabort = () => this.#rest("Stopped. Nothing was changed.")
    request.send(file)
    this.#sending(file.name, 0)
  }

  #sending(name, part) {
    show(this.choose, false)
    show(this.stop, part < 1)
    show(this.bar, true)
    if (part < 1) this.bar.value = part
    else this.bar.removeAttribute("value")
    text(this.words, part < 1 ? `${name}: ${Math.floor(100 * part)} % sent` : `${name}: each file is compared with its SHA-256 and saved…`)
  }

  #end({ status, response }) {
    if (status !== 201) {
      const { message, fix } = response?.error ?? { message: "The server did not say what went wrong", fix: "Try again." }
      return this.#rest(`${message}. ${fix}`)
    }
    this.#rest("")
    this.tell("taken", { session: response.session.id, failed: response.failed.map((one) => one.name) })
  }

  #rest(said) {
    this.#request = null
    show(this.choose, true)
    show(this.stop, false)
    show(this.bar, false)
    text(this.words, said)
  }

  close() {
    this.#request?.abort()
  }
}

export function mount({ parentElement, data, setTriggerValue }) {
  const view = views.get(parentElement) ?? new View(withStyles(parentElement, STYLES))
  views.set(parentElement, view)
  Object.assign(view, { data, tell: setTriggerValue })
}

export function unmount(parentElement) {
  views.get(parentElement)?.close()
  views.delete(parentElement)
}
