import { z } from 'zod'
import { type Flag, release as shapes } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { readYaml } from '../../pathways/index.ts'
import { levels } from '../authority.ts'
import type { Scope } from '../scope.ts'
import { writeFlag } from './write-flag.ts'

const id = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/)

/** A flag as the library's file has it: nothing of it may be left out. Days, as the file's are, end in UTC. */
const declaredSchema = z
  .strictObject({
    flag: z.string().regex(/^[a-z][a-z0-9-]{4,59}$/, 'lower-case letters, digits and dashes'),
    automation: id,
    owner: id,
    'clinical-owner': id,
    allows: z.enum(levels),
    scope: shapes.scope.transform((scope): Scope => JSON.parse(JSON.stringify(scope))),
    expires: z.iso.date(),
    retires: z.iso.date(),
    'retirement-test': z.string().min(5).max(400),
  })
  .refine((one) => one.retires >= one.expires, { path: ['retires'], message: 'not before it expires' })
export type DeclaredFlag = z.infer<typeof declaredSchema>

/** Reads the library's flags. Throws a ZodError that names what is missing. */
export const readFlags = (source: string): DeclaredFlag[] =>
  z.array(declaredSchema).parse(readYaml(source).content ?? [])

/**
 * Keys that stand in the code though their flag has retired: the build fails until they are gone.
 * @param files texts by path, without the file that declares the flags
 * @param today `YYYY-MM-DD`
 */
export function retiredInCode(
  flags: readonly DeclaredFlag[],
  files: Readonly<Record<string, string>>,
  today: string,
): { flag: string; file: string; retired: string; proveBy: string }[] {
  return flags
    .filter(({ retires }) => retires < today)
    .flatMap(({ flag, retires, 'retirement-test': proveBy }) =>
      Object.entries(files)
        .filter(([, text]) => new RegExp(`(?<![a-z0-9-])${flag}(?![a-z0-9-])`).test(text))
        .map(([file]) => ({ flag, file, retired: retires, proveBy })),
    )
}

/** Puts flags into the store, or brings them up to date. */
export async function keepFlags(tx: Tx, context: CallContext, flags: readonly DeclaredFlag[]): Promise<void> {
  for (const { flag, 'clinical-owner': clinicalOwner, 'retirement-test': retirementTest, ...rest } of flags)
    await writeFlag(tx, context, flag, { ...rest, clinicalOwner, retirementTest, scope: rest.scope as Flag['scope'] })
}
