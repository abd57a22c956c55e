import { Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Giving as GivingView } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { givingQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'

/** Which kinds of task are given to a person as soon as they are made, in all queues or in one. */
export function Giving() {
  const { t } = useWords()
  const giving = useQuery(givingQuery)
  return (
    <div data-testid="giving">
      <Listing
        title={t('giving')}
        hint={t('givingHint')}
        empty={t('noGiving')}
        query={giving}
        columns={[t('levelFor_kinds'), t('givingAll'), t('givingQueues')]}
        row={(one) => <Row key={one.kind.id} of={one} />}
      />
    </div>
  )
}

function Row({ of }: { of: GivingView['items'][number] }) {
  const { t, either, moment } = useWords()
  const { may } = useAccount()
  const set = useAct(
    (asked: { role: string; given: boolean }) => call('POST', '/api/giving', { kind: of.kind.id, ...asked }),
    {
      anew: [givingQuery.queryKey],
    },
  )
  const box = (label: string, role: string, given: boolean) => (
    <Checkbox
      key={role}
      size="xs"
      label={label}
      aria-label={`${either(of.kind.title)}: ${label}`}
      checked={given}
      disabled={!may('work.manage') || set.isPending}
      onChange={(event) => set.mutate({ role, given: event.currentTarget.checked })}
    />
  )
  return (
    <tr data-testid="giving-row">
      <th scope="row">{either(of.kind.title)}</th>
      <td>
        {box(t('givingAtOnce'), '', of.given)}
        {of.by !== null && of.at !== null && (
          <span className="quiet">{t('givingBy', { name: of.by, time: moment(of.at) })}</span>
        )}
      </td>
      <td>
        {of.queues.length === 0 && <span className="quiet">–</span>}
        <span className="giving-queues">
          {of.queues.map((queue) => box(either(queue.title), queue.id, queue.given))}
        </span>
      </td>
    </tr>
  )
}
