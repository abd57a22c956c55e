import '../styles/team.css'
import { Button, NativeSelect } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LevelPolicyView, Levels, LevelsPreview } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { levelsQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { Giving } from './giving.tsx'
import { LevelEditor } from './level-editor.tsx'
import { LevelTable } from './level-table.tsx'
import { SetLevelsDialog } from './set-levels-dialog.tsx'
import { TeamTabs } from './team-tabs.tsx'

/** How soon work is to be done, and who hears of it when it is not: the sets of service levels, and the next one being written. */
export function LevelsPage() {
  const { t } = useWords()
  const levels = useQuery(levelsQuery)
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('team')}</h1>
        <TeamTabs shown="/team/levels" />
      </div>
      {levels.isPending && <Waiting lines={8} />}
      {levels.error !== null && !levels.data && <Failure error={levels.error} retry={levels.refetch} />}
      {levels.data && <Sets levels={levels.data} />}
      <Giving />
    </div>
  )
}

function Sets({ levels }: { levels: Levels }) {
  const { t, momentOfYear } = useWords()
  const { may } = useAccount()
  const inForce = levels.sets.find(({ state }) => state === 'in-force')
  const [version, setVersion] = useState<number>()
  const [draft, setDraft] = useState<LevelPolicyView[]>()
  const [withdrawing, setWithdrawing] = useState(false)
  const shown = levels.sets.find((one) => one.version === version) ?? inForce
  const withdraw = useAct(() => call('POST', `/api/levels/${shown?.version}/withdraw`), {
    anew: [levelsQuery.queryKey],
    done: () => {
      setWithdrawing(false)
      setVersion(undefined)
    },
    quiet: true,
  })
  if (!shown) return null
  if (draft)
    return (
      <Draft
        levels={levels}
        draft={draft}
        change={setDraft}
        close={() => {
          setDraft(undefined)
          setVersion(undefined)
        }}
      />
    )
  return (
    <section aria-label={t('serviceLevels')} data-testid="levels">
      <div className="section-head">
        <h2>
          {t('serviceLevels')} <span className="count">{shown.policies.length}</span>
        </h2>
        <span className="level-acts">
          <NativeSelect
            size="xs"
            aria-label={t('versions')}
            value={String(shown.version)}
            onChange={({ currentTarget: { value } }) => setVersion(Number(value))}
            data={levels.sets.map((one) => ({
              value: String(one.version),
              label: `${one.version === 0 ? t('levelsLibrary') : t('version', { n: one.version })} · ${t(`levelsState_${one.state}`)}${one.from === null ? '' : ` · ${momentOfYear(one.from)}`}`,
            }))}
          />
          {may('work.manage') && shown.state === 'ahead' && (
            <Button onClick={() => setWithdrawing(true)}>{t('levelsWithdraw')}…</Button>
          )}
          {may('work.manage') && <Button onClick={() => setDraft([...shown.policies])}>{t('edit')}</Button>}
        </span>
      </div>
      <p className="quiet lead">
        {t('levelsHint')} {shown.note !== '' && `${shown.by}: ${shown.note}`}
      </p>
      <LevelTable policies={shown.policies} choices={levels.choices} />
      {withdrawing && (
        <SureDialog
          title={t('levelsWithdraw')}
          text={t('levelsWithdrawHint')}
          act={t('levelsWithdraw')}
          doing={{ ...withdraw, mutate: () => withdraw.mutate() }}
          close={() => setWithdrawing(false)}
        />
      )}
    </section>
  )
}

interface DraftProps {
  levels: Levels
  draft: LevelPolicyView[]
  change: (draft: LevelPolicyView[]) => void
  close: () => void
}

/** The next set while it is written: each level to be opened, moved and tried on last month's tasks. */
function Draft({ levels, draft, change, close }: DraftProps) {
  const { t } = useWords()
  const [opened, setOpened] = useState<number>()
  const [setting, setSetting] = useState(false)
  // What was tried is shown as long as it is what is written.
  const [tried, setTried] = useState<{ of: LevelPolicyView[]; found: LevelsPreview }>()
  const preview = useAct(() => call<LevelsPreview>('POST', '/api/levels/preview', { policies: draft }), {
    anew: [],
    done: (found) => setTried({ of: draft, found }),
  })
  const found = tried?.of === draft ? tried.found : undefined
  const put = (index: number, policy: LevelPolicyView) => change(draft.with(index, policy))
  const move = (index: number, by: -1 | 1) => {
    const one = draft[index]
    if (one) change(draft.toSpliced(index, 1).toSpliced(index + by, 0, one))
    setOpened(undefined)
  }
  const add = () => {
    const taken = new Set(draft.map(({ id }) => id))
    let n = draft.length + 1
    while (taken.has(`level-${n}`)) n += 1
    change([
      {
        id: `level-${n}`,
        title: { en: `Level ${n}`, fr: `Niveau ${n}` },
        for: {},
        goal: 480,
        atRisk: 75,
        calendar: 'clinic',
        longestPause: 0,
        ladder: [],
      },
      ...draft,
    ])
    setOpened(0)
  }
  return (
    <section aria-label={t('serviceLevels')} data-testid="levels-draft">
      <div className="section-head">
        <h2>
          {t('levelsNext')} <span className="count">{draft.length}</span>
        </h2>
        <span className="level-acts">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button onClick={add}>{t('levelAdd')}</Button>
          <Button loading={preview.isPending} onClick={() => preview.mutate()}>
            {t('levelsTry')}
          </Button>
          <Button variant="filled" onClick={() => setSetting(true)}>
            {t('levelsSet')}…
          </Button>
        </span>
      </div>
      <p className="quiet lead">{t('levelsOrder')}</p>
      {found && <Tried found={found} />}
      <LevelTable
        policies={draft}
        choices={levels.choices}
        found={found}
        act={(policy, index) => (
          <span className="level-acts">
            <Button
              aria-label={t('levelUp', { name: policy.id })}
              disabled={index === 0}
              onClick={() => move(index, -1)}
            >
              ↑
            </Button>
            <Button
              aria-label={t('levelDown', { name: policy.id })}
              disabled={index === draft.length - 1}
              onClick={() => move(index, 1)}
            >
              ↓
            </Button>
            <Button
              aria-expanded={opened === index}
              aria-label={t('editNamed', { name: policy.id })}
              onClick={() => setOpened(opened === index ? undefined : index)}
            >
              {t('edit')}
            </Button>
          </span>
        )}
        under={(policy, index) =>
          opened === index && (
            <LevelEditor
              policy={policy}
              choices={levels.choices}
              change={(next) => put(index, next)}
              remove={() => {
                setOpened(undefined)
                change(draft.toSpliced(index, 1))
              }}
            />
          )
        }
      />
      {setting && (
        <SetLevelsDialog
          policies={draft}
          after={levels.newest}
          close={() => setSetting(false)}
          done={() => {
            notifications.show({ color: 'pine', message: t('levelsAreSet') })
            close()
          }}
        />
      )}
    </section>
  )
}

function Tried({ found }: { found: LevelsPreview }) {
  const { t, number, date } = useWords()
  const said = (what: 'atRisk' | 'breached' | 'escalated') =>
    t(`tried_${what}`, { now: number(found.now[what]), before: number(found.before[what]) })
  return (
    <div className="block" role="status" data-testid="levels-tried">
      <p>
        {t(found.more ? 'triedNewest' : 'triedAll', { tasks: number(found.looked), date: date(found.from) })}{' '}
        <strong>{said('atRisk')}</strong> <strong>{said('breached')}</strong> <strong>{said('escalated')}</strong>
      </p>
    </div>
  )
}
