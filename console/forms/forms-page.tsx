import { Button, Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { FormVersion } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { formsQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { codeFor, setTexts } from './editing.ts'

/** All forms of the clinic, with their versions and the pathways that ask for them. */
export function FormsPage() {
  const { t, either, date } = useWords()
  const account = useAccount()
  const forms = useQuery(formsQuery)
  const [writing, setWriting] = useState(false)
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('forms')}</h1>
        <div className="head-right">
          {account.may('pathways.write') && <Button onClick={() => setWriting(true)}>{t('newForm')}</Button>}
        </div>
      </div>
      {forms.isPending && <Waiting />}
      {forms.error && !forms.data && <Failure error={forms.error} retry={forms.refetch} />}
      {forms.data?.items.length === 0 && <Empty title={t('noForms')} hint={t('noFormsHint')} />}
      {forms.data && forms.data.items.length > 0 && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('forms')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('form')}</th>
                <th scope="col">{t('versions')}</th>
                <th scope="col">{t('usedBy')}</th>
                <th scope="col">{t('lastChanged')}</th>
              </tr>
            </thead>
            <tbody>
              {forms.data.items.map((one) => {
                const [latest] = one.versions
                return (
                  <tr key={one.url}>
                    <th scope="row">
                      {latest && (
                        <Link
                          to="/forms/$id"
                          params={{ id: (one.versions.find(({ status }) => status === 'active') ?? latest).id }}
                        >
                          {either(one.title)}
                        </Link>
                      )}
                      <br />
                      <code className="quiet">{one.url}</code>
                    </th>
                    <td>
                      {one.versions.map((version) => (
                        <span key={version.id} className="version-link">
                          <Link to="/forms/$id" params={{ id: version.id }}>
                            {version.version}
                          </Link>{' '}
                          <span className="quiet">{t(`form_${version.status}`)}</span>
                        </span>
                      ))}
                    </td>
                    <td>
                      {one.usedBy.length === 0 ? (
                        <span className="quiet">{t('usedByNone')}</span>
                      ) : (
                        one.usedBy.map((pathway) => (
                          <div key={pathway.pathway}>
                            <Link to="/pathways/$id" params={{ id: pathway.pathway }}>
                              {either(pathway.title)}
                            </Link>
                          </div>
                        ))
                      )}
                    </td>
                    <td>{latest?.date && date(latest.date)}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      {writing && <NewForm close={() => setWriting(false)} />}
    </div>
  )
}

function NewForm({ close }: { close: () => void }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const [title, setTitle] = useState({ en: '', fr: '' })
  const name = codeFor(title.en)
  const make = useAct(
    () =>
      call<FormVersion>('POST', '/api/forms', {
        questionnaire: setTexts(
          {
            resourceType: 'Questionnaire',
            language: 'en',
            url: `${window.location.origin}/forms/${name}`,
            status: 'draft',
            subjectType: ['Patient'],
            item: [{ linkId: 'q1', type: 'string' }],
          },
          'title',
          title,
        ),
      }),
    {
      anew: [formsQuery.queryKey],
      quiet: true,
      done: (answer) => void navigate({ to: '/forms/$id', params: { id: answer.id } }),
    },
  )
  return (
    <Modal opened onClose={close} title={t('newForm')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (name !== '') make.mutate()
        }}
      >
        <FormFailure error={make.error} />
        <TextInput
          label={`${t('formTitle')} (${t('in_en')})`}
          required
          data-autofocus
          value={title.en}
          onChange={(event) => setTitle({ ...title, en: event.currentTarget.value })}
        />
        <TextInput
          label={`${t('formTitle')} (${t('in_fr')})`}
          required
          lang="fr"
          value={title.fr}
          onChange={(event) => setTitle({ ...title, fr: event.currentTarget.value })}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            type="submit"
            variant="filled"
            disabled={name === '' || title.fr.trim() === ''}
            loading={make.isPending}
          >
            {t('newForm')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
