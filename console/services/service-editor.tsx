import { NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ServiceDefinition } from '../../src/contracts/index.ts'
import { serviceChoicesQuery } from '../api/service-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { Chosen } from './chosen.tsx'
import { CodeRows } from './code-rows.tsx'

const modes = ['in-person', 'video', 'telephone', 'home', 'message'] as const
const codeSystems = ['icd-10-cm', 'icd-10', 'snomed', 'loinc', 'rxnorm'] as const
const feeSystems = ['cpt', 'hcpcs', 'fee-schedule'] as const

/** Everything about a draft of a service. */
export function ServiceEditor({
  service,
  change,
}: {
  service: ServiceDefinition
  change: (service: ServiceDefinition) => void
}) {
  const { t, either } = useWords()
  const choices = useQuery(serviceChoicesQuery)
  if (choices.isPending) return <Waiting lines={10} />
  if (!choices.data) return <Failure error={choices.error} retry={choices.refetch} />
  const { kinds, jurisdictions, pathways, forms, places } = choices.data
  const put = (part: Partial<ServiceDefinition>) => change({ ...service, ...part })
  const titled = (list: typeof kinds) => list.map(({ id, title }) => ({ id, label: either(title) }))
  const describe = (text: { en: string; fr: string }) => {
    const { description: _former, ...rest } = service
    // A description stands in both languages, or not at all.
    change(text.en === '' && text.fr === '' ? rest : { ...rest, description: text })
  }
  const allow = (rule: string) => {
    const { eligibility: _former, ...rest } = service
    change(rule.trim() === '' ? rest : { ...rest, eligibility: rule })
  }
  const description = service.description ?? { en: '', fr: '' }
  return (
    <div className="form" data-testid="service-editor">
      <div className="pair">
        <TextInput
          label={t('titleEnglish')}
          lang="en"
          value={service.title.en}
          onChange={(event) => put({ title: { ...service.title, en: event.currentTarget.value } })}
        />
        <TextInput
          label={t('titleFrench')}
          lang="fr"
          value={service.title.fr}
          onChange={(event) => put({ title: { ...service.title, fr: event.currentTarget.value } })}
        />
      </div>
      <div className="pair">
        <Textarea
          label={t('serviceDescriptionEnglish')}
          lang="en"
          autosize
          value={description.en}
          onChange={(event) => describe({ ...description, en: event.currentTarget.value })}
        />
        <Textarea
          label={t('serviceDescriptionFrench')}
          lang="fr"
          autosize
          value={description.fr}
          onChange={(event) => describe({ ...description, fr: event.currentTarget.value })}
        />
      </div>
      <div className="pair">
        <NumberInput
          label={t('serviceMinutes')}
          min={1}
          max={600}
          allowDecimal={false}
          value={service.minutes}
          onChange={(minutes) => typeof minutes === 'number' && put({ minutes })}
        />
        <NativeSelect
          label={t('serviceHours')}
          value={service.hours}
          onChange={(event) => put({ hours: event.currentTarget.value === 'always' ? 'always' : 'clinic' })}
          data={(['clinic', 'always'] as const).map((value) => ({ value, label: t(`hours_${value}`) }))}
        />
      </div>
      <Chosen
        label={t('serviceNeeds')}
        chosen={service.needs.map(({ kind }) => kind)}
        from={titled(kinds)}
        change={(ids) => put({ needs: ids.map((kind) => ({ kind })) })}
      />
      <Chosen
        label={t('serviceModes')}
        chosen={service.modes}
        from={modes.map((id) => ({ id, label: t(`mode_${id}`) }))}
        change={(ids) => put({ modes: modes.filter((one) => ids.includes(one)) })}
      />
      <Chosen
        label={t('serviceWhere')}
        chosen={service.in}
        from={titled(jurisdictions)}
        change={(ids) => put({ in: ids })}
      />
      <Chosen
        label={t('servicePlaces')}
        chosen={service.places}
        from={places.map(({ id, name }) => ({ id, label: name }))}
        change={(ids) => put({ places: ids })}
      />
      <Chosen
        label={t('pathways')}
        chosen={service.pathways}
        from={titled(pathways)}
        change={(ids) => put({ pathways: ids })}
      />
      <Chosen
        label={t('forms')}
        chosen={service.forms}
        from={forms.map((url) => ({ id: url, label: url.split('/').at(-1) ?? url }))}
        change={(ids) => put({ forms: ids })}
      />
      <TextInput
        label={t('serviceEligibility')}
        description={t('serviceEligibilityHint')}
        spellCheck={false}
        value={service.eligibility ?? ''}
        onChange={(event) => allow(event.currentTarget.value)}
      />
      <CodeRows
        label={t('serviceCodes')}
        systems={codeSystems}
        name={(system) => t(`code_${system}`)}
        rows={service.codes}
        change={(codes) => put({ codes })}
      />
      <CodeRows
        label={t('serviceFees')}
        systems={feeSystems}
        name={(system) => t(`code_${system}`)}
        rows={service.fees}
        places={titled(jurisdictions.filter(({ id }) => service.in.includes(id)))}
        change={(fees) => put({ fees })}
      />
    </div>
  )
}
