// Icons that only the account pages need.
export {
  Bot,
  Download,
  History,
  KeySquare,
  Link2,
  LogIn,
  MonitorSmartphone,
  ShieldAlert,
  ShieldCheck,
  Smartphone,
  Tablet,
  Trash2,
  UserRound,
} from "lucide-react";
