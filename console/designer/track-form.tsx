import { Button, Checkbox, NativeSelect } from '@mantine/core'
import { allSteps, copySteps, type Design, editTrack, removeTrack } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, Group, RemoveButton, SaidField, useFault } from './fields.tsx'
import { RecordConditionField } from './record-condition.tsx'
import { ResourceField } from './resource-field.tsx'
import { SetsFields } from './sets-fields.tsx'
import { without } from './step-form.tsx'
import { titleOfStep } from './titles.ts'

type Track = Design['tracks'][string]
type Starts = NonNullable<Track['starts']>

/** A track: what starts it, what stops it. */
export function TrackForm({ id }: { id: string }) {
  const { t, either } = useWords()
  const { design, edit, choose } = useDesigner()
  const fault = useFault(`tracks.${id}`, false)
  const track = design.tracks[id]
  if (!track) return null
  const put = (change: (track: Track) => Track, about: string) =>
    edit((before) => editTrack(before, id, change), `track ${id} ${about}`)
  const stops = track.stops ?? []
  const putStops = (next: NonNullable<Track['stops']>, about: string) =>
    put((before) => without(before, 'stops', next.length === 0 ? undefined : next), about)
  return (
    <div className="design-form" data-testid="track-form">
      <header className="design-head">
        <p className="quiet">{t('designTrack')}</p>
        <h2>{track.title ? either(track.title) : id}</h2>
      </header>
      {fault !== undefined && <p className="design-fault">{fault}</p>}
      <SaidField
        label={t('designTitle')}
        value={track.title}
        path={`tracks.${id}.title`}
        change={(title) => put((before) => ({ ...before, title }), 'title')}
      />
      <TrackStarts id={id} track={track} put={put} />
      <Group title={t('designTrackStops')}>
        {stops.map((stop, index) => (
          <div key={index} className="design-block">
            <div className="design-row">
              <ResourceField
                value={stop.on}
                path={`tracks.${id}.stops.${index}.on`}
                change={(on) =>
                  putStops(
                    stops.map((one, at) => (at === index ? { ...one, on } : one)),
                    'stop on',
                  )
                }
              />
              <RemoveButton
                label={t('designRemoveStop', { n: index + 1 })}
                act={() =>
                  putStops(
                    stops.filter((_one, at) => at !== index),
                    'remove stop',
                  )
                }
              />
            </div>
            <RecordConditionField
              label={t('designOnlyThose')}
              on={stop.on}
              value={stop.when}
              path={`tracks.${id}.stops.${index}.when`}
              change={(when) =>
                putStops(
                  stops.map((one, at) => (at === index ? without(one, 'when', when) : one)),
                  `stop ${index}`,
                )
              }
            />
          </div>
        ))}
        <AddButton label={t('designAddTrackStop')} act={() => putStops([...stops, { on: 'Encounter' }], 'add stop')} />
      </Group>
      <div className="design-row">
        <Button onClick={() => void navigator.clipboard?.writeText(copySteps(design, Object.keys(track.steps)))}>
          {t('designCopyTrack')}
        </Button>
        {Object.keys(design.tracks).length > 1 && (
          <Button
            color="red.9"
            onClick={() => {
              edit((before) => removeTrack(before, id))
              choose({ kind: 'pathway' })
            }}
          >
            {t('designRemoveTrack')}
          </Button>
        )}
      </div>
    </div>
  )
}

function TrackStarts({
  id,
  track,
  put,
}: {
  id: string
  track: Track
  put: (change: (track: Track) => Track, about: string) => void
}) {
  const { t, either } = useWords()
  const { design } = useDesigner()
  const { starts } = track
  const set = (next: Starts | undefined, about = 'starts') => put((before) => without(before, 'starts', next), about)
  const due = allSteps(design).filter((one) => one.track !== id && (one.step.task ?? one.step.form)?.due !== undefined)
  const kind = starts === undefined ? 'once' : 'missed' in starts ? 'missed' : 'event'
  return (
    <Group title={t('designTrackStarts')}>
      <NativeSelect
        size="xs"
        aria-label={t('designTrackStarts')}
        value={kind}
        data={[
          { value: 'once', label: t('designAtOnce') },
          { value: 'event', label: t('designByEvent') },
          { value: 'missed', label: t('designByLateness') },
        ]}
        onChange={(event) => {
          const value = event.currentTarget.value
          set(
            value === 'once' ? undefined : value === 'event' ? { on: 'Condition' } : { missed: [due[0]?.id ?? 'step'] },
          )
        }}
      />
      {starts && 'missed' in starts && (
        <Checkbox.Group
          label={t('designLateSteps')}
          value={starts.missed}
          onChange={(missed) => set({ missed: missed.length === 0 ? starts.missed : missed })}
        >
          <div className="checks design-steps">
            {due.map((one) => (
              <Checkbox key={one.id} size="xs" value={one.id} label={either(titleOfStep(one.id, one.step))} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {starts && 'on' in starts && (
        <>
          <ResourceField value={starts.on} path={`tracks.${id}.starts.on`} change={(on) => set({ ...starts, on })} />
          <RecordConditionField
            label={t('designOnlyThose')}
            on={starts.on}
            value={starts.when}
            path={`tracks.${id}.starts.when`}
            change={(when) => set(without(starts, 'when', when), 'starts when')}
          />
          <SetsFields
            label={t('designKeeps')}
            sets={starts.set}
            path={`tracks.${id}.starts.set`}
            change={(sets) => set(without(starts, 'set', sets), 'starts set')}
          />
          <Checkbox
            size="xs"
            label={t('designTrackAgain')}
            checked={track.again ?? false}
            onChange={(event) => {
              const again = event.currentTarget.checked
              put((before) => without(before, 'again', again ? true : undefined), 'again')
            }}
          />
        </>
      )}
    </Group>
  )
}
