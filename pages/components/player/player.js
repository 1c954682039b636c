// The entry: one desk for each place where Streamlit mounts the component.

import { withStyles } from "../dom.js"
import { Desk } from "./desk.js"

const STYLES = new URL(`player.css${new URL(import.meta.url).search}`, import.meta.url)
const desks = new Map()

export function mount({ parentElement, data }) {
  const known = desks.get(parentElement)
  if (known?.file === data.file) {
    known.desk.update(data)
    return
  }
  known?.desk.close()
  desks.set(parentElement, { file: data.file, desk: new Desk(withStyles(parentElement, STYLES), data) })
}

export function unmount(parentElement) {
  desks.get(parentElement)?.desk.close()
  desks.delete(parentElement)
}
