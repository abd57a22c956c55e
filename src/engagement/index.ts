export { type Channel, type Delivery, localChannel, smtpChannel } from './channel.ts'
export { createMessagePerformer } from './perform-messages.ts'
export { messageProjection } from './project-messages.ts'
export { createSendHandler, type SendDependencies } from './send-message.ts'
