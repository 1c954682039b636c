// Moments and counts in words for people, for all components.

/** Say a recording's length as a clock does: 41:20, 1:28:05. */
export function clockText(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const tail = String(seconds % 60).padStart(2, "0")
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`
}

/** Say a count with its noun: 1 file, 1,204 files. */
export function countText(count, singular, plural = `${singular}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? singular : plural}`
}
