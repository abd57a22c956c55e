import { Button, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { subscriptionsQuery, topicsQuery } from '../api/flow-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
const channels = ['rest-hook', 'email', 'websocket'] as const
const contents = ['empty', 'id-only', 'full-resource'] as const

/** Makes a Subscription in the shape of the R5 backport; it acts as whoever makes it. */
export function SubscriptionDialog({ close }: { close: () => void }) {
  const { t } = useWords()
  const topics = useQuery(topicsQuery)
  const [topic, setTopic] = useState('')
  const [channel, setChannel] = useState<(typeof channels)[number]>('rest-hook')
  const [endpoint, setEndpoint] = useState('')
  const [content, setContent] = useState<(typeof contents)[number]>('id-only')
  const [filters, setFilters] = useState('')
  const chosen = topics.data?.items.find((one) => one.url === topic)
  // A letter may be read on the way: it never carries what it is about.
  const offered = channel === 'email' ? contents.filter((one) => one !== 'full-resource') : contents
  const make = useAct(
    () =>
      call('POST', '/fhir/Subscription', {
        resourceType: 'Subscription',
        status: 'requested',
        reason: chosen?.title ?? topic,
        criteria: topic,
        ...(filters.trim() === ''
          ? {}
          : {
              _criteria: {
                extension: filters
                  .split(/\s+/)
                  .filter((filter) => filter !== '')
                  .map((valueString) => ({ url: `${backport}/backport-filter-criteria`, valueString })),
              },
            }),
        channel: {
          type: channel,
          ...(channel === 'websocket'
            ? {}
            : { endpoint: channel === 'email' && !endpoint.startsWith('mailto:') ? `mailto:${endpoint}` : endpoint }),
          payload: 'application/fhir+json',
          _payload: { extension: [{ url: `${backport}/backport-payload-content`, valueCode: content }] },
        },
      }),
    { anew: [subscriptionsQuery.queryKey], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('addSubscription')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={make.error ?? topics.error} />
        <NativeSelect
          label={t('topic')}
          required
          data-autofocus
          description={chosen?.description}
          value={topic}
          data={[
            { value: '', label: t('choose') },
            ...(topics.data?.items.map((one) => ({ value: one.url, label: one.title })) ?? []),
          ]}
          onChange={(event) => setTopic(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('channel')}
          value={channel}
          data={channels.map((one) => ({ value: one, label: t(`channel_${one}`) }))}
          onChange={(event) => {
            const next = channels.find((one) => one === event.currentTarget.value) ?? 'rest-hook'
            setChannel(next)
            if (next === 'email' && content === 'full-resource') setContent('id-only')
          }}
        />
        {channel !== 'websocket' && (
          <TextInput
            label={t(channel === 'email' ? 'email' : 'receiver')}
            type={channel === 'email' ? 'email' : 'url'}
            placeholder={channel === 'email' ? '' : 'https://'}
            required
            value={endpoint}
            onChange={(event) => setEndpoint(event.currentTarget.value)}
          />
        )}
        <NativeSelect
          label={t('payloadContent')}
          value={content}
          data={offered.map((one) => ({ value: one, label: t(`content_${one}`) }))}
          onChange={(event) => setContent(contents.find((one) => one === event.currentTarget.value) ?? 'id-only')}
        />
        <Textarea
          label={t('filters')}
          description={`${t('onePerLine')} ${chosen ? chosen.filters.map((one) => `${one}=…`).join(', ') : ''}`}
          autosize
          minRows={2}
          styles={{ input: { fontFamily: 'monospace' } }}
          value={filters}
          onChange={(event) => setFilters(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={topic === ''} loading={make.isPending}>
            {t('addSubscription')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
