import { serviceDefinition, type ServiceDefinition } from '../../contracts/index.ts'
import type { Fault } from '../../kernel/index.ts'
import { readYaml } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { type Around, checkService } from './check-service.ts'

/** Reads the menu's files, one service each. Throws `services-invalid` with every fault, by file and path; nothing is taken then. */
export function readServices(files: readonly { file: string; source: string }[], around: Around): ServiceDefinition[] {
  const faults: Fault[] = []
  const services = files.flatMap(({ file, source }) => {
    const { content, faults: unread } = readYaml(source)
    if (unread.length > 0) {
      faults.push({ path: file, message: unread[0]?.message ?? 'cannot be read' })
      return []
    }
    const parsed = serviceDefinition.safeParse(content)
    for (const issue of parsed.error?.issues ?? [])
      faults.push({ path: `${file}:${issue.path.join('.')}`, message: issue.message, code: 'shape' })
    if (!parsed.success) return []
    for (const { code, path, message, severity } of checkService(parsed.data, around))
      if (severity === 'error') faults.push({ path: `${file}:${path}`, message, code })
    return [{ file, service: parsed.data }]
  })
  for (const [index, { file, service }] of services.entries())
    if (services.findIndex((one) => one.service.service === service.service) !== index)
      faults.push({ path: `${file}:service`, message: `${service.service} is there twice`, code: 'twice' })
  if (faults.length > 0) throw refuse('services-invalid', { faults })
  return services.map(({ service }) => service)
}
