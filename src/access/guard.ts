import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type Caller, readCaller } from './caller.ts'
import { aimed, type Bind, Compiler, type Tellers } from './compile.ts'
import { createShapeReader } from './consent-store.ts'
import type { Policies } from './policies.ts'
import type { Use } from './policy.ts'

/** SQL over an alias, and which elements of a type must not be searched by. */
interface Visible {
  (type: string, alias: string, bind: Bind): string
  hidden(type: string): readonly string[]
  /** A short condition that implies the whole one; undefined where there is none. */
  surely(type: string, alias: string, bind: Bind): string | undefined
}

/** What one caller may do, as SQL to be and-ed into whatever statement is about to run. */
export interface Sight {
  /** Over `alias`, a row that has the id of a resource of `type` as its column `id`. */
  visible(use: Use): Visible
  /** Whether what lies in a patient's record as a resource of `type` may be used; `patient` is SQL that names the record. */
  visibleIn(use: Use, type: string, patient: string, bind: Bind): string
  /** Elements of a type that the caller is not shown. */
  hidden(type: string): readonly string[]
}

export interface Guard {
  /** As of now, or of a second ago at most; undefined for the engine and the program itself. */
  sight(tx: Tx, context: CallContext, age?: 'recent'): Promise<Sight | undefined>
  caller(tx: Tx, context: CallContext): Promise<Caller | undefined>
  sightOf(caller: Caller): Sight
  readonly tellers: Tellers
}

export function createGuard(options: { policies: Policies; tellers: Tellers }): Guard {
  const { policies, tellers } = options
  const shapes = createShapeReader()
  const sightOf = (caller: Caller): Sight => {
    const hidden = (type: string) =>
      (caller.policy?.rules ?? []).flatMap((rule) =>
        rule.effect === 'hide' && aimed(rule, caller, type)
          ? rule.elements.flatMap((element) => (element.startsWith(`${type}.`) ? [element.slice(type.length + 1)] : []))
          : [],
      )
    return {
      visible: (use) =>
        Object.assign(
          (type: string, alias: string, bind: Bind) => {
            const compiler = new Compiler({ caller, tellers, use, target: { type, id: `${alias}.id` } })
            return compiler.write(compiler.condition(), bind)
          },
          {
            hidden,
            surely(type: string, alias: string, bind: Bind) {
              const compiler = new Compiler({ caller, tellers, use, target: { type, id: `${alias}.id` } })
              const short = compiler.surely()
              return short === undefined ? undefined : compiler.write(short, bind)
            },
          },
        ),
      visibleIn(use, type, patient, bind) {
        const compiler = new Compiler({ caller, tellers, use, target: { type, id: `''`, patient } })
        return compiler.write(compiler.condition(), bind)
      },
      hidden,
    }
  }
  const caller: Guard['caller'] = (tx, context) => readCaller(tx, context, { policies, shapes })
  return {
    tellers,
    caller,
    sightOf,
    async sight(tx, context, age) {
      const known = await readCaller(tx, context, { policies, shapes, recent: age === 'recent' })
      return known && sightOf(known)
    },
  }
}
