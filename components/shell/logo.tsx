/** Three layers: hot, archive, cold. */
export const Logo = ({ size = 18 }: { size?: number }) => (
  <svg aria-hidden width={size} height={size} viewBox="0 0 18 18" className="shrink-0">
    <rect x="1" y="2" width="16" height="3.6" rx="1.2" className="fill-hot" />
    <rect x="1" y="7.2" width="16" height="3.6" rx="1.2" className="fill-archive" />
    <rect x="1" y="12.4" width="16" height="3.6" rx="1.2" className="fill-cold" />
  </svg>
);
