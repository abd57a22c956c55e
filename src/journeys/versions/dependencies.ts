import type { Database } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { Library } from '../../pathways/index.ts'
import type { PublishDependencies } from './publish-draft.ts'

export interface VersionsDependencies extends PublishDependencies {
  database: Database
  library: Library
  permitted(context: CallContext, permission: string): boolean
}
