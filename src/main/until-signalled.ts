/** Waits for a signal to end, then calls `stop`. If the launcher is killed, its channel closes: the same. */
export async function untilSignalled(stop: () => Promise<void>): Promise<void> {
  await new Promise<void>((tell) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => tell())
    if (process.env['THROUGHLINE_LAUNCHED'] === '1' && process.channel) {
      process.once('disconnect', () => tell())
      process.channel.unref()
    }
  })
  await stop()
}
