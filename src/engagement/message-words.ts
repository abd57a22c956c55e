import type { Communication } from '@medplum/fhirtypes'

/** Systems that this room puts into a FHIR Communication. */
export const words = {
  template: 'urn:throughline:template',
  journey: 'urn:throughline:journey',
  channel: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode',
} as const

export type ChannelName = 'sms' | 'email'

// HL7's participation modes have no SMS of their own: SMSWRIT is "SMS message", EMAILWRIT "email".
export const channelCodes: Record<ChannelName, string> = { sms: 'SMSWRIT', email: 'EMAILWRIT' }

export const channelOf = (message: Communication): ChannelName | undefined => {
  const codes = message.medium?.flatMap((medium) => medium.coding ?? []).map((coding) => coding.code)
  return codes?.includes(channelCodes.sms) ? 'sms' : codes?.includes(channelCodes.email) ? 'email' : undefined
}

export const templateOf = (message: Communication): string =>
  message.topic?.coding?.find((coding) => coding.system === words.template)?.code ?? ''

export const journeyOf = (message: Communication): string | undefined =>
  message.identifier?.find((identifier) => identifier.system === words.journey)?.value
