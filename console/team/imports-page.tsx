import '../styles/team.css'
import { Button, FileInput, NativeSelect, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { StaffImport } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { staffImportsQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAct } from '../parts/use-act.ts'
import { importLooks } from './import-looks.ts'

const route = getRouteApi('/team/imports')
const kinds = ['people', 'licences', 'shifts', 'panel', 'fhir'] as const
type Kind = (typeof kinds)[number]

/** Files of people: one is chosen or pasted and read; nothing changes before somebody has looked at what it would do. */
export function ImportsPage() {
  const { t, moment, number } = useWords()
  const imports = useQuery(staffImportsQuery)
  return (
    <div className="page">
      <Link to="/team" className="back">
        <Icon name="back" /> {t('team')}
      </Link>
      <div className="page-head flat">
        <h1>{t('importPeople')}</h1>
      </div>
      <Begin />
      <Listing
        title={t('importsBefore')}
        empty={t('noImports')}
        query={imports}
        columns={[t('importWhat'), t('importFile'), t('status'), t('importLines'), t('byWhom'), t('began')]}
        row={(one) => (
          <tr key={one.id} data-testid="import-row">
            <th scope="row">
              <Link to="/team/imports/$id" params={{ id: one.id }}>
                {t(`import_${one.what}`)}
              </Link>
            </th>
            <td className="wide">{one.name === '' ? '–' : one.name}</td>
            <td>
              <span className={`tag ${importLooks[one.state]}`}>{t(`importState_${one.state}`)}</span>
            </td>
            <td className="number">{number(one.counts.new + one.counts.changed + one.counts.same)}</td>
            <td>{one.by}</td>
            <td className="number">{moment(one.at)}</td>
          </tr>
        )}
      />
    </div>
  )
}

function Begin() {
  const { t } = useWords()
  const navigate = route.useNavigate()
  const [what, setWhat] = useState<Kind>('people')
  const [file, setFile] = useState<File | null>(null)
  const [content, setContent] = useState('')
  const send = useAct(() => call<StaffImport>('POST', '/api/team/imports', { what, name: file?.name ?? '', content }), {
    anew: [staffImportsQuery.queryKey],
    done: ({ id }) => void navigate({ to: '/team/imports/$id', params: { id } }),
    quiet: true,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <form className="form block import-begin" onSubmit={submit} aria-label={t('importPeople')}>
      <FormFailure error={send.error} />
      <NativeSelect
        label={t('importWhat')}
        description={t(`importHint_${what}`)}
        value={what}
        onChange={({ currentTarget: { value } }) => setWhat(kinds.find((one) => one === value) ?? 'people')}
        data={kinds.map((one) => ({ value: one, label: t(`import_${one}`) }))}
      />
      {what !== 'fhir' && (
        <p className="quiet">
          <a href={`/api/team/imports/table?what=${what}`} download={`${what}.csv`}>
            {t('importTemplate')}
          </a>{' '}
          {t(what === 'people' || what === 'licences' ? 'importTemplateFull' : 'importTemplateHead')}
        </p>
      )}
      <FileInput
        label={t('importFile')}
        accept={what === 'fhir' ? '.json,.ndjson,application/fhir+json' : '.csv,text/csv'}
        clearable
        clearButtonProps={{ 'aria-label': t('remove') }}
        value={file}
        onChange={(chosen) => {
          setFile(chosen)
          if (chosen) void chosen.text().then(setContent)
        }}
      />
      <Textarea
        label={t('csvText')}
        autosize
        minRows={3}
        maxRows={12}
        maxLength={12_000_000}
        // A long file would make the page slow; it is sent whole all the same.
        value={content.length > 20_000 ? t('importLong', { count: content.split('\n').length }) : content}
        readOnly={content.length > 20_000}
        onChange={(event) => {
          setFile(null)
          setContent(event.currentTarget.value)
        }}
      />
      <div className="form-end">
        <Button type="submit" variant="filled" loading={send.isPending} disabled={content.trim() === ''}>
          {t('importRead')}
        </Button>
      </div>
    </form>
  )
}
