import { createContext } from 'react'

/** Whether the header says that the monitor does not answer, so that nothing else has to. */
export const Disconnected = createContext(false)
