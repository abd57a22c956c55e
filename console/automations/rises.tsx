import { Button } from '@mantine/core'
import type { AutomationList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import { scopeWords } from './scope-words.ts'

type Rise = AutomationList['items'][number]['rises'][number] & { title: { en: string; fr: string } }
const sides = ['clinical', 'technical'] as const

/** Requests for one level more, waiting for the signatures of two people. Shown when there are any. */
export function Rises({ rises }: { rises: readonly Rise[] }) {
  const words = useWords()
  const { t, either, code, moment } = words
  const account = useAccount()
  const act = useAct(
    ({ rise, does }: { rise: string; does: 'sign-clinical' | 'sign-technical' | 'drop' }) =>
      does === 'drop'
        ? call('DELETE', `/api/automations/rises/${rise}`)
        : call('POST', `/api/automations/rises/${rise}/${does}`),
    { anew: [['automations']] },
  )
  if (rises.length === 0) return null
  return (
    <Listing
      title={t('rises')}
      hint={t('risesHint')}
      empty=""
      query={{ data: { items: rises }, error: null, isPending: false, refetch: () => {} }}
      columns={[t('automation'), t('asksFor'), t('reason'), t('signatures'), '']}
      row={(rise) => (
        <tr key={rise.id} data-testid="rise-row">
          <th scope="row">
            {either(rise.title)}
            <br />
            <span className="quiet">{t('version', { n: rise.version })}</span>
          </th>
          <td>
            {code('authority', rise.to)}
            <br />
            <span className="quiet">{scopeWords(words, rise.scope)}</span>
          </td>
          <td className="wide">
            {rise.reason}
            <br />
            <span className="quiet">
              {rise.by}, {moment(rise.askedAt)}
            </span>
          </td>
          <td>
            {rise.signatures.map((one) => (
              <div key={one.side}>
                {code('side', one.side)}: {one.by}
              </div>
            ))}
          </td>
          <td className="end">
            {sides
              .filter(
                (side) => account.may(`release.sign-${side}`) && !rise.signatures.some((one) => one.side === side),
              )
              .map((side) => (
                <Button
                  key={side}
                  variant="filled"
                  loading={act.isPending}
                  onClick={() => act.mutate({ rise: rise.id, does: `sign-${side}` })}
                >
                  {t(`sign_${side}`)}
                </Button>
              ))}{' '}
            {account.may('release.manage') && (
              <Button loading={act.isPending} onClick={() => act.mutate({ rise: rise.id, does: 'drop' })}>
                {t('takeBack')}
              </Button>
            )}
          </td>
        </tr>
      )}
    />
  )
}
