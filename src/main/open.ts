import { readFileSync } from 'node:fs'
import { createSeals, httpSink, recordAccess } from '../audit/index.ts'
import { type ConnectionTarget, findRunning, migrate, openDatabase, startEmbedded } from '../db/index.ts'
import { localChannel, smtpChannel } from '../engagement/index.ts'
import { bringSearchUpToDate } from '../fhir/index.ts'
import { openVault } from '../identity/index.ts'
import { type Clock, createLog } from '../kernel/index.ts'
import { releaseFolder } from '../terminology/index.ts'
import { compose, type House } from './compose.ts'
import type { Config } from './config.ts'
import { loadLibrary } from './load-library.ts'

export const version: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

export interface OpenHouse extends House {
  /** Where the data is, in words for people. */
  where: string
  target: ConnectionTarget
  close(): Promise<void>
}

/**
 * Opens the database (starts the embedded one if no URL is set), brings it up to date, and puts the rooms together.
 * `visit`: join a server that already runs on the data folder, instead of being refused. `hasty`: see `openDatabase`.
 */
export async function openHouse(
  config: Config,
  clock: Clock,
  options: { visit?: boolean; hasty?: () => boolean } = {},
): Promise<OpenHouse> {
  const log = createLog(config.logLevel)
  const running = options.visit && config.databaseUrl === undefined ? await findRunning(config.dataFolder) : undefined
  const embedded =
    config.databaseUrl === undefined && !running
      ? await startEmbedded({ dataFolder: config.dataFolder, log })
      : undefined
  const target: ConnectionTarget =
    config.databaseUrl === undefined ? (running ?? embedded?.target ?? { url: '' }) : { url: config.databaseUrl }
  try {
    await migrate(target)
    const database = openDatabase(target, { hasty: options.hasty })
    const shadow = openDatabase(target, { connections: 4, role: 'shadow', hasty: options.hasty })
    await bringSearchUpToDate(database, (tenant, type, done) =>
      process.stderr.write(`Making the search index of ${tenant} anew: ${type}, ${done} done\n`),
    )
    const { library, ontology, surroundings } = await loadLibrary()
    const house = compose({
      database,
      shadow,
      clock,
      log,
      library,
      ontology,
      surroundings,
      channels: [
        localChannel('sms', database, clock),
        config.smtpUrl === undefined
          ? localChannel('email', database, clock)
          : smtpChannel({ url: config.smtpUrl, from: config.mailFrom }),
      ],
      clinic: { phone: config.clinicPhone },
      vault: await openVault({ secret: config.secret, folder: config.dataFolder }),
      publicUrl: config.publicUrl,
      outboundAllow: config.outboundAllow,
      textEndpoint:
        config.textEndpointUrl === undefined
          ? undefined
          : { url: config.textEndpointUrl, key: config.textEndpointKey, timeout: 20_000 },
      seals: createSeals({
        database,
        clock,
        log,
        folder: config.auditFolder,
        sink: config.auditSinkUrl === undefined ? undefined : httpSink(config.auditSinkUrl, config.auditSinkToken),
      }),
      releases: releaseFolder(config.terminologyFolder),
      audit: (tx, context, entities) => recordAccess(tx, context, [{ action: 'C', code: 'journey-moved', entities }]),
    })
    return {
      ...house,
      target,
      where: config.databaseUrl === undefined ? (embedded?.folder ?? config.dataFolder) : 'DATABASE_URL',
      async close() {
        await database.close()
        await shadow.close()
        await embedded?.stop()
      },
    }
  } catch (error) {
    await embedded?.stop()
    throw error
  }
}
