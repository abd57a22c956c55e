import type { Reference } from '@medplum/fhirtypes'
import { Link } from '@tanstack/react-router'
import { useContext } from 'react'
import { NamesContext } from './names.ts'

const local = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/

/** The type and id of a reference to something in this record; undefined for every other one. */
export function targetOf(reference: string | undefined): { type: string; id: string } | undefined {
  const [, type, id] = local.exec(reference ?? '') ?? []
  return type === undefined || id === undefined ? undefined : { type, id }
}

/** A reference as a link to what it points at, by its name where one is known. */
export function ReferenceLink({ to }: { to: Reference }) {
  const names = useContext(NamesContext)
  const target = targetOf(to.reference)
  const said = names.get(to.reference ?? '') ?? to.display ?? to.reference ?? to.identifier?.value ?? ''
  if (!target) return <span>{said}</span>
  return (
    <Link to="/record/$type/$id" params={target} title={to.reference}>
      {said}
    </Link>
  )
}
