import type { LoadKind, SystemContent } from './content.ts'
import type { ReleaseFiles } from './files.ts'
import { readCpt } from './read-cpt.ts'
import { readIcd10cm } from './read-icd10cm.ts'
import { readLoinc } from './read-loinc.ts'
import { readRxnorm } from './read-rxnorm.ts'
import { readSnomed } from './read-snomed.ts'

interface Kind {
  title: string
  /** Where its owner gives it out. */
  from: string
  /** What whoever loads it confirms to have read, before the first load. */
  notice: { en: string; fr: string }
  read(files: ReleaseFiles, version: string | undefined): Promise<SystemContent>
}

/** The terminologies that are loaded from their owners' files. None is shipped. */
export const kinds: Readonly<Record<LoadKind, Kind>> = {
  'icd-10-cm': {
    title: 'ICD-10-CM',
    from: 'https://www.cms.gov/medicare/coding-billing/icd-10-codes',
    notice: {
      en: 'ICD-10-CM is published by the National Center for Health Statistics (United States) and free to use there. ICD-10, which it is made from, belongs to the World Health Organization.',
      fr: 'La CIM-10-CM est publiée par le National Center for Health Statistics (États-Unis), d’usage libre dans ce pays. La CIM-10, dont elle est tirée, appartient à l’Organisation mondiale de la Santé.',
    },
    read: readIcd10cm,
  },
  loinc: {
    title: 'LOINC',
    from: 'https://loinc.org/downloads/',
    notice: {
      en: 'LOINC belongs to Regenstrief Institute and is free of charge under the LOINC licence, which whoever downloads it accepts. Some codes carry notices of others.',
      fr: 'LOINC appartient au Regenstrief Institute; son usage est gratuit selon la licence LOINC, acceptée au téléchargement. Certains codes portent des avis d’autres détenteurs.',
    },
    read: readLoinc,
  },
  rxnorm: {
    title: 'RxNorm',
    from: 'https://www.nlm.nih.gov/research/umls/rxnorm/docs/rxnormfiles.html',
    notice: {
      en: 'RxNorm is made by the National Library of Medicine (United States). The full files hold content of others and need a UMLS licence; only the part that is RxNorm’s own is loaded.',
      fr: 'RxNorm est produit par la National Library of Medicine (États-Unis). Les fichiers complets contiennent des données de tiers et exigent une licence UMLS; seule la partie propre à RxNorm est chargée.',
    },
    read: readRxnorm,
  },
  'snomed-ct': {
    title: 'SNOMED CT',
    from: 'https://www.snomed.org/get-snomed',
    notice: {
      en: 'SNOMED CT belongs to SNOMED International. Using it needs an affiliate licence: free in member countries (Canada and the United States among them) from the national release centre, elsewhere for a fee.',
      fr: 'SNOMED CT appartient à SNOMED International. Son usage exige une licence d’affilié : gratuite dans les pays membres (dont le Canada et les États-Unis) auprès du centre national, payante ailleurs.',
    },
    read: readSnomed,
  },
  cpt: {
    title: 'CPT',
    from: 'https://www.ama-assn.org/practice-management/cpt',
    notice: {
      en: 'CPT belongs to the American Medical Association. Every use needs a licence from it, with fees by user.',
      fr: 'CPT appartient à l’American Medical Association. Tout usage exige une licence de celle-ci, avec des frais par utilisateur.',
    },
    read: readCpt,
  },
}

export const isKind = (text: string): text is LoadKind => Object.hasOwn(kinds, text)
