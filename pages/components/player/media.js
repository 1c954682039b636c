// The keys of keyboards and headphones, and the lock screen of phones.

const SKIP_S = 15

/** Tell the system what plays and let it steer; return how to stop. */
export function steer(sound, { title, session }) {
  const media = navigator.mediaSession
  if (!media) return () => {}
  const acts = {
    play: () => sound.play(),
    pause: () => sound.pause(),
    seekbackward: ({ seekOffset }) => sound.skip(-(seekOffset || SKIP_S)),
    seekforward: ({ seekOffset }) => sound.skip(seekOffset || SKIP_S),
    seekto: ({ seekTime }) => sound.seek(seekTime),
  }
  const begin = () => {
    if (!sound.playing) return
    media.metadata = new MediaMetadata({ title, album: session, artist: "Study Buddy" })
    for (const [name, act] of Object.entries(acts)) media.setActionHandler(name, act)
  }
  const place = () => {
    if (sound.duration) media.setPositionState?.({ duration: sound.duration, position: Math.min(sound.at, sound.duration), playbackRate: sound.rate })
  }
  sound.addEventListener("state", begin)
  for (const name of ["state", "rate", "seek"]) sound.addEventListener(name, place)
  return () => {
    for (const name of Object.keys(acts)) media.setActionHandler(name, null)
    media.metadata = null
  }
}
